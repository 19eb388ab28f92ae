using ClinicalGpt.Orleans.Abstractions.Grains;

namespace ClinicalGpt.Orleans.Benchmarks.Scale.Clock;

/// <summary>Follows every call among run, policy, reference, reward and rollout grains, so that the clock knows whether one
/// is on its way. A call that waits behind another at its target is not: it goes on when that one ends.</summary>
internal sealed class CallTracker : IOutgoingGrainCallFilter, IIncomingGrainCallFilter
{
    private static readonly Type[] Followed = [typeof(IPolicyGrain), typeof(IReferenceGrain), typeof(IRewardModelGrain), typeof(IRolloutGrain)];
    private const string CallKey = "scale.call";
    private readonly Lock _lock = new();
    private readonly Dictionary<long, (GrainId Target, State State)> _calls = [];

    /// <summary>Where a call is.</summary>
    private enum State
    {
        OnItsWay,
        Executing,
        Answering,
    }

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
                var executing = _calls.Values.Where(c => c.State == State.Executing).Select(c => c.Target).ToHashSet();
                return _calls.Values.Any(c => c.State == State.Answering || (c.State == State.OnItsWay && !executing.Contains(c.Target)));
            }
        }
    }

    /// <summary>Where the calls under way are, for who watches.</summary>
    public string Describe()
    {
        lock (_lock)
        {
            var states = _calls.Values.GroupBy(c => c.State).OrderBy(g => g.Key).Select(g => $"{g.Key} {g.Count()}");
            return $"{Calls} calls, {Failed} failed; now {string.Join(", ", states)}";
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

        var call = Begin(context.TargetId);
        RequestContext.Set(CallKey, call);
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
            // Answered, or refused before it arrived.
            End(call);
        }
    }

    /// <inheritdoc/>
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (!IsFollowed(context) || RequestContext.Get(CallKey) is not long call)
        {
            await context.Invoke();
            return;
        }

        Move(call, State.Executing);
        try
        {
            await context.Invoke();
        }
        finally
        {
            Move(call, State.Answering);
        }
    }

    private static bool IsFollowed(IGrainCallContext context) => Followed.Contains(context.InterfaceMethod.DeclaringType);

    private long Begin(GrainId target)
    {
        lock (_lock)
        {
            _calls[++Calls] = (target, State.OnItsWay);
            Clock?.Touch();
            return Calls;
        }
    }

    private void Move(long call, State state)
    {
        lock (_lock)
        {
            if (_calls.TryGetValue(call, out var known))
            {
                _calls[call] = (known.Target, state);
            }
        }

        Clock?.Touch();
    }

    private void End(long call)
    {
        lock (_lock)
        {
            _calls.Remove(call);
        }

        Clock?.Touch();
    }
}
