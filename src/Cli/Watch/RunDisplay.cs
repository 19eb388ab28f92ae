using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Cli.Output;
using Spectre.Console;

namespace ClinicalGpt.Orleans.Cli.Watch;

/// <summary>Shows a run until its end: live where a person looks on, as lines elsewhere, as JSON lines on request.</summary>
internal static class RunDisplay
{
    private static readonly TimeSpan LiveInterval = TimeSpan.FromSeconds(1);

    public static Task<RunSnapshot> ShowAsync(IRunSource run, Terminal terminal, bool json, CancellationToken cancellationToken)
    {
        var watcher = new RunWatcher(run, TimeProvider.System, LiveInterval);
        return json ? JsonAsync(watcher, terminal, cancellationToken)
            : terminal.IsInteractive ? LiveAsync(watcher, terminal, cancellationToken)
            : PlainAsync(watcher, terminal.Out, cancellationToken);
    }

    private static Task<RunSnapshot> JsonAsync(RunWatcher watcher, Terminal terminal, CancellationToken cancellationToken)
    {
        (long, long, Problem?)? last = null;
        return watcher.FollowAsync(
            state =>
            {
                var version = (state.Snapshot.Epoch, state.Snapshot.Version, state.Snapshot.Reason);
                if (last != version)
                {
                    last = version;
                    terminal.WriteJson(state.Snapshot);
                }

                return Task.CompletedTask;
            },
            cancellationToken);
    }

    private static Task<RunSnapshot> PlainAsync(RunWatcher watcher, TextWriter output, CancellationToken cancellationToken)
    {
        var lines = new PlainLines();
        return watcher.FollowAsync(
            state => lines.Next(state) is { } line ? output.WriteLineAsync(line) : Task.CompletedTask, cancellationToken);
    }

    private static Task<RunSnapshot> LiveAsync(RunWatcher watcher, Terminal terminal, CancellationToken cancellationToken) =>
        terminal.Console.Live(new Text("")).StartAsync(live => watcher.FollowAsync(
            state =>
            {
                live.UpdateTarget(WatchView.Render(state));
                live.Refresh();
                return Task.CompletedTask;
            },
            cancellationToken));
}
