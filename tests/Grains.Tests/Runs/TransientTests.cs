using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Grains.Runs;

namespace ClinicalGpt.Orleans.Grains.Tests.Runs;

public sealed class TransientTests
{
    public static TheoryData<Exception, bool> Cases => new()
    {
        { new SiloUnavailableException("gone"), true },
        { new TimeoutException(), true },
        { new OrleansException("No active nodes are compatible with grain policy"), true },
        { new OrleansException("something else"), false },
        { new ProblemException(ErrorCodes.DatabaseUnreachable, "away"), true },
        { new ProblemException(ErrorCodes.DatabaseUnwritable, "no room"), true },
        { new ProblemException(ErrorCodes.SchemaTooNew, "newer"), false },
        { new ProblemException([new(ErrorCodes.DatabaseUnreachable, "away"), new(ErrorCodes.NonFinite, "loss")]), false },
        { new ProblemException(ErrorCodes.BlobDamaged, "damaged"), false },
        { new ProblemException(ErrorCodes.EpochLost, "replaced"), false },
        { new DeviceException("out of memory"), false },
        { new InvalidOperationException(), false },
    };

    [Theory]
    [InlineData("rewardmodel", "role reward:")]
    [InlineData("policy", "role policy:")]
    [InlineData("evaluation", "role rollout:")]
    [InlineData("device", "waiting: No active nodes")]
    public void Describe_NoSiloForAGrain_NamesTheRole(string grain, string says) => Assert.Contains(
        says,
        Transient.Describe(new OrleansException($"No active nodes are compatible with grain {grain} and interface x version 0.")).Message,
        StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Is_Exception_SaysWhetherRepeatingCuresIt(Exception exception, bool expected) =>
        Assert.Equal(expected, Transient.Is(exception));
}
