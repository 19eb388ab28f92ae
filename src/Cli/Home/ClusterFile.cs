using System.Text.Json;
using ClinicalGpt.Orleans.Cli.Local;
using ClinicalGpt.Orleans.Cli.Output;

namespace ClinicalGpt.Orleans.Cli.Home;

/// <summary>A silo process on this machine.</summary>
internal sealed record LocalSilo(
    string Name, int Pid, long StartMark, int SiloPort, int GatewayPort, int HttpPort, string[] Roles, string Log)
{
    /// <summary>Whether the process is there and is the one that was started.</summary>
    public bool IsAlive() => StartMark != 0 && ProcessIdentity.StartMark(Pid) == StartMark;
}

/// <summary>What <c>up</c> started, kept in <c>cluster.json</c> (readable by its owner only: the connection string may hold a password).</summary>
internal sealed record ClusterFile
{
    public required string ClusterId { get; init; }

    public required string ServiceId { get; init; }

    public required string ConnectionString { get; init; }

    /// <summary>Data folder of the embedded server; null: the server is somebody else's.</summary>
    public string? PostgresFolder { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public LocalSilo[] Silos { get; init; } = [];

    public static ClusterFile? Load(ClinicalGptHome home)
    {
        try
        {
            return JsonSerializer.Deserialize<ClusterFile>(File.ReadAllText(home.ClusterFile), Json.Options);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new ProblemException(
                ErrorCodes.SettingInvalid, $"cannot be read ({e.Message}); stop what runs by hand and remove it", home.ClusterFile);
        }
    }

    /// <summary>Writes the file beside its place and moves it there, so that it is never half written.</summary>
    public void Save(ClinicalGptHome home)
    {
        home.Create();
        var fresh = home.ClusterFile + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        File.Delete(fresh);
        using (var stream = new FileStream(fresh, options))
        {
            JsonSerializer.Serialize(stream, this, Json.Indented);
        }

        File.Move(fresh, home.ClusterFile, overwrite: true);
    }

    public static void Remove(ClinicalGptHome home)
    {
        if (Directory.Exists(home.Folder))
        {
            File.Delete(home.ClusterFile);
        }
    }
}
