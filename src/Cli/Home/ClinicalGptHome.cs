namespace ClinicalGpt.Orleans.Cli.Home;

/// <summary>The folder with this user's cluster: <c>postgres/</c>, <c>logs/</c>, <c>cluster.json</c>.</summary>
/// <param name="Folder">Absolute path.</param>
internal sealed record ClinicalGptHome(string Folder)
{
    public const string Variable = "CLINICALGPT_HOME";

    public string PostgresFolder => Path.Combine(Folder, "postgres");

    public string LogFolder => Path.Combine(Folder, "logs");

    public string ClusterFile => Path.Combine(Folder, "cluster.json");

    public static ClinicalGptHome Locate()
    {
        var folder = Environment.GetEnvironmentVariable(Variable);
        return new ClinicalGptHome(Path.GetFullPath(string.IsNullOrWhiteSpace(folder)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".clinicalgpt")
            : folder));
    }

    /// <summary>Makes the folders.</summary>
    /// <exception cref="ProblemException">CGPT4011: they cannot be made.</exception>
    public void Create()
    {
        try
        {
            Directory.CreateDirectory(LogFolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                ErrorCodes.WriteFailed, $"the folder cannot be made: {e.Message} Set {Variable} to one that can.", Folder);
        }
    }

    /// <summary>Writes an unexpected exception down.</summary>
    /// <returns>Where it is, or why it is nowhere.</returns>
    public string RecordFailure(Exception exception)
    {
        var path = Path.Combine(LogFolder, "cli.log");
        try
        {
            Directory.CreateDirectory(LogFolder);
            File.AppendAllText(path, $"{DateTimeOffset.UtcNow:O} {exception}{Environment.NewLine}");
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"no file ({e.Message}): {exception.Message}";
        }
    }
}
