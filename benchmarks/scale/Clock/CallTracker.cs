using ClinicalGpt.Orleans.Abstractions.Grains;

namespace ClinicalGpt.Orleans.Benchmarks.Scale.Clock;

/// <summary>Follows every call among run, policy, reference, reward and rollout grains, so that the clock knows whether one
/// is on its way. A call that waits behind another at its target is not: it goes on when that one ends.</summary>
internal sealed class CallTracker : IOutgoingGrainCallFilter, IIncomingGrainCallFilter
{
    private static readonly Type[] Followed = [typeof(IPolicyGrain), typeof(IReferenceGrain), typeof(IRewardModelGrain), typeof(IRolloutGrain)];
    private readonly Lock _lock = new();
    private readonly Dictionary<GrainId, (int Issued, int Executing)> _targets = [];
    private int _answering;

    /// <summary>Set once the clock exists.</summary>
    public VirtualClock? Clock { get; set; }

    /// <summary>Calls begun since the start.</summary>
    public long Calls { get; private set; }

    /// <summary>Calls that failed; 0 in a sound simulation.</summary>
    public int Failed { get; private set; }

    /// <summary>Whether a request or an answer is between two grains.</summary>
    public bool Busy
    {
        get
        {
            lock (_lock)
            {
                return _answering > 0 || _targets.Values.Any(t => t.Issued > 0 && t.Executing == 0);
            }
        }
    }

    /// <inheritdoc/>
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (!IsFollowed(context))
        {
            await context.Invoke();
            return;
        }

        Change(context.TargetId, issued: 1);
        try
        {
            await context.Invoke();
        }
        catch
        {
            lock (_lock)
            {
                Failed++;
            }

            throw;
        }
        finally
        {
            Change(null, answering: -1);
        }
    }

    /// <inheritdoc/>
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (!IsFollowed(context))
        {
            await context.Invoke();
            return;
        }

        Change(context.TargetId, issued: -1, executing: 1);
        try
        {
            await context.Invoke();
        }
        finally
        {
            Change(context.TargetId, executing: -1, answering: 1);
        }
    }

    private static bool IsFollowed(IGrainCallContext context) => Followed.Contains(context.InterfaceMethod.DeclaringType);

    private void Change(GrainId? target, int issued = 0, int executing = 0, int answering = 0)
    {
        lock (_lock)
        {
            _answering += answering;
            Calls += issued > 0 ? 1 : 0;
            if (target is { } id)
            {
                var (i, e) = _targets.GetValueOrDefault(id);
                _targets[id] = (i + issued, e + executing);
            }
        }

        Clock?.Touch();
    }
}
