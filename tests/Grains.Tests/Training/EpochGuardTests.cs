using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Grains.Training;

namespace ClinicalGpt.Orleans.Grains.Tests.Training;

public sealed class EpochGuardTests
{
    [Fact]
    public void Check_SameOrNewerEpoch_IsAccepted()
    {
        var guard = new EpochGuard();

        guard.Check(3);
        guard.Check(3);
        guard.Check(4);
    }

    [Fact]
    public void Check_OlderEpoch_IsRefusedAndChangesNothing()
    {
        var guard = new EpochGuard();
        guard.Check(4);

        var refused = Assert.Throws<ProblemException>(() => guard.Check(3));

        Assert.Equal(ErrorCodes.EpochLost, Assert.Single(refused.Problems).Code);
        guard.Check(4);
    }
}
