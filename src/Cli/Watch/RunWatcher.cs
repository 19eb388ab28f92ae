using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Client.Runs;

namespace ClinicalGpt.Orleans.Cli.Watch;

/// <summary>What watching asks of a run.</summary>
internal interface IRunSource
{
    Task<RunSnapshot> DescribeAsync(CancellationToken cancellationToken);

    Task<IReadOnlyList<IterationView>> GetIterationsAsync(string stage, int fromIteration, CancellationToken cancellationToken);
}

/// <summary>A run in a cluster.</summary>
internal sealed class HandleSource(RunHandle run) : IRunSource
{
    public Task<RunSnapshot> DescribeAsync(CancellationToken cancellationToken) => run.DescribeAsync(cancellationToken);

    public Task<IReadOnlyList<IterationView>> GetIterationsAsync(string stage, int fromIteration, CancellationToken cancellationToken) =>
        run.GetIterationsAsync(stage, fromIteration, cancellationToken);
}

/// <summary>A run as somebody watching knows it: the last snapshot and the committed iterations of the present stage.</summary>
/// <param name="Snapshot">The run.</param>
/// <param name="Iterations">Iterations of <see cref="RunSnapshot.Stage"/>, in order.</param>
internal sealed record WatchState(RunSnapshot Snapshot, IReadOnlyList<IterationView> Iterations)
{
    /// <summary>A metric over the stage; iterations without it are left out.</summary>
    public double[] Series(string metric) =>
        [.. Iterations.Select(i => i.Metrics.GetValueOrDefault(metric, double.NaN)).Where(double.IsFinite)];
}

/// <summary>Looks at a run again and again until nothing more will happen. Only new iterations are asked for.</summary>
internal sealed class RunWatcher(IRunSource run, TimeProvider time, TimeSpan interval)
{
    private static readonly TimeSpan HistoryPatience = TimeSpan.FromSeconds(5);
    private readonly List<IterationView> _iterations = [];
    private string _stage = "";

    public async Task<RunSnapshot> FollowAsync(Func<WatchState, Task> show, CancellationToken cancellationToken)
    {
        while (true)
        {
            var snapshot = await run.DescribeAsync(cancellationToken);
            await CatchUpAsync(snapshot, cancellationToken);
            await show(new WatchState(snapshot, [.. _iterations]));
            if (snapshot.IsTerminal)
            {
                return snapshot;
            }

            await Task.Delay(interval, time, cancellationToken);
        }
    }

    private async Task CatchUpAsync(RunSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (snapshot.Stage != _stage)
        {
            _iterations.Clear();
            _stage = snapshot.Stage;
        }

        var next = _iterations.Count == 0 ? 0 : _iterations[^1].Iteration + 1;
        if (snapshot.Stage.Length == 0 || snapshot.Iteration <= next)
        {
            return;
        }

        using var patience = new CancellationTokenSource(HistoryPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            _iterations.AddRange(await run.GetIterationsAsync(snapshot.Stage, next, either.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The database is away, as the snapshot says or will say: the state is shown without the newest figures.
        }
    }
}
