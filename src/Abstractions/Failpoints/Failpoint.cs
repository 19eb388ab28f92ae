using System.Globalization;

namespace ClinicalGpt.Orleans.Abstractions.Failpoints;

/// <summary>Named places at which a test makes a silo halt, hang or abort, so that a kill hits where it is aimed. Off,
/// each costs the test of one field for null; it is armed by the silo's program alone, from
/// <see cref="FailpointSettings"/>.</summary>
public static class Failpoint
{
    private static ArmedFailpoint? _armed;

    /// <summary>Switches a failpoint on, for the life of the process.</summary>
    /// <param name="settings">Where, what, how often.</param>
    public static void Arm(FailpointSettings settings) => Volatile.Write(ref _armed, new ArmedFailpoint(settings));

    /// <summary>A place on a thread that may block, such as the device thread.</summary>
    /// <param name="name">One of <see cref="FailpointNames"/>.</param>
    /// <param name="detail">What is being done, for example the device job's name.</param>
    public static void Hit(string name, string detail)
    {
        if (_armed is { } armed)
        {
            armed.HitAsync(name, detail).GetAwaiter().GetResult();
        }
    }

    /// <summary>A place in asynchronous code.</summary>
    /// <param name="name">One of <see cref="FailpointNames"/>.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="iteration">The iteration.</param>
    public static Task HitAsync(string name, string stage, int iteration) =>
        _armed is { } armed ? armed.HitAsync(name, string.Create(CultureInfo.InvariantCulture, $"{stage} {iteration}")) : Task.CompletedTask;

    /// <summary>A place in asynchronous code.</summary>
    /// <param name="name">One of <see cref="FailpointNames"/>.</param>
    /// <param name="detail">What is being done.</param>
    public static Task HitAsync(string name, string detail) => _armed is { } armed ? armed.HitAsync(name, detail) : Task.CompletedTask;
}

/// <summary>The places there are.</summary>
public static class FailpointNames
{
    /// <summary>A run exists in the database, its loop has not begun; the detail is the run's id.</summary>
    public const string Created = "created";

    /// <summary>A device job begins; the detail is its name, for example <c>run-1 ppo learn 2</c>. Blocks the device thread.</summary>
    public const string Device = "device";

    /// <summary>The blobs of an iteration are stored, its commit has not begun; detail <c>stage iteration</c>.</summary>
    public const string Stored = "stored";

    /// <summary>Every statement of a commit is executed, its transaction is open; detail <c>stage iteration</c>.</summary>
    public const string Commit = "commit";

    /// <summary>The commit is made, nobody has been told; detail <c>stage iteration</c>.</summary>
    public const string Committed = "committed";

    /// <summary>A file of an export has been built and not sent; detail: its path.</summary>
    public const string Export = "export";

    /// <summary>All of them.</summary>

    public static IReadOnlyList<string> All { get; } = [Created, Device, Stored, Commit, Committed, Export];
}
