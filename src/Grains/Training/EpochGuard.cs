using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Grains.Training;

/// <summary>Refuses commands of an activation that has been replaced: a silo that was frozen and woke up still believes
/// that it carries the run.</summary>
public sealed class EpochGuard
{
    private long _newest;

    /// <summary>Accepts an epoch at least as new as any seen before.</summary>
    /// <param name="epoch">The epoch of the run's activation that asks.</param>
    /// <exception cref="ProblemException">CGPT4008: a newer activation has asked before.</exception>
    public void Check(long epoch)
    {
        if (epoch < _newest)
        {
            throw new ProblemException(
                ErrorCodes.EpochLost, $"epoch {epoch} was replaced by epoch {_newest}: another activation carries this run now");
        }

        _newest = epoch;
    }
}
