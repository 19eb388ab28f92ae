namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary><c>run</c> and its verbs.</summary>
internal static class RunCommands
{
    public static Command Create(CommandContext context) => new("run", "Runs: submit, look at, control, export.")
    {
        RunSubmitCommand.Create(context),
        RunListCommand.Create(context),
        RunDescribeCommand.Create(context),
        RunWatchCommand.Create(context),
        RunSamplesCommand.Create(context),
        RunControlCommands.Pause(context),
        RunControlCommands.Resume(context),
        RunControlCommands.Stop(context),
        RunExportCommand.Create(context),
        RunCheckCommand.Create(context),
    };

    /// <summary>The argument every verb but submit and list takes.</summary>
    public static Argument<string> Id() => new("id") { Description = "The run's id; `clinicalgpt run list` shows them." };
}
