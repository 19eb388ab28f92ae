using System.Globalization;
using System.Runtime.InteropServices;

namespace ClinicalGpt.Orleans.Abstractions.Failpoints;

/// <summary>A failpoint that is on.</summary>
/// <param name="settings">Where, what, how often.</param>
internal sealed class ArmedFailpoint(FailpointSettings settings)
{
    /// <summary>Whether the place is meant and this process is the one that fires.</summary>
    public bool Takes(string name, string detail) =>
        name == settings.Name && detail.Contains(settings.Detail, StringComparison.Ordinal) && TakeToken(detail);

    /// <summary>Returns only where the place is to halt.</summary>
    public void Fire()
    {
        if (settings.Action == FailpointAction.Abort)
        {
            Abort();
        }
    }

    private bool TakeToken(string detail)
    {
        for (var i = 1; i <= settings.Times; i++)
        {
            try
            {
                // Creating the file is the claim: only one process can. Who claimed, and where, is for the test that waits.
                using var file = new FileStream(
                    string.Create(CultureInfo.InvariantCulture, $"{settings.Token}.{i}"), FileMode.CreateNew, FileAccess.Write, FileShare.Read);
                file.Write(System.Text.Encoding.UTF8.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {settings.Name}@{detail}\n")));
                return true;
            }
            catch (IOException e) when (File.Exists($"{settings.Token}.{i}") && e is not FileNotFoundException)
            {
                // Taken by another firing.
            }
        }

        return false;
    }

    [DllImport("libc", EntryPoint = "abort")]
    private static extern void Abort();
}
