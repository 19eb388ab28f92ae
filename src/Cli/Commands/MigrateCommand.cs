using ClinicalGpt.Orleans.Cli.Home;
using ClinicalGpt.Orleans.Cli.Local;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary><c>migrate</c>: the database schema.</summary>
internal static class MigrateCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("migrate", "Brings the database schema up to date; refuses one that is newer than this program.");
        command.SetAction(async (result, cancellationToken) =>
        {
            var connection = context.RequestedConnection(result) ?? ClusterFile.Load(context.Home)?.ConnectionString
                ?? throw new ProblemException(
                    ErrorCodes.SettingInvalid, "no database is named; use --connection or CLINICALGPT_CONNECTION", key: "--connection");
            var migration = await LocalCluster.MigrateAsync(connection, cancellationToken);
            if (context.IsJson(result))
            {
                context.Terminal.WriteJson(migration);
            }

            context.Terminal.Error.WriteLine(migration.Applied.Count == 0
                ? $"the schema is up to date (version {migration.To})"
                : $"schema version {migration.From} -> {migration.To}: {string.Join(", ", migration.Applied)}");
            return ExitCodes.Ok;
        });
        return HelpWithExamples.Attach(command, "clinicalgpt migrate --connection 'Host=db;Database=clinicalgpt;Username=clinicalgpt'");
    }
}
