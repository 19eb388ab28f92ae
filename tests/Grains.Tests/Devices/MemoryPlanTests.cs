using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Learning.Models;

namespace ClinicalGpt.Orleans.Grains.Tests.Devices;

public sealed class MemoryPlanTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public void Reserve_MoreThanIsFree_IsRefusedWithWhoHoldsWhat()
    {
        var plan = new MemoryPlan(100 * MiB);
        plan.Reserve("base", "weights", 60 * MiB);
        plan.Reserve("run-1 policy", "optimizer", 30 * MiB);

        var refused = Assert.Throws<ProblemException>(() => plan.Reserve("run-2 policy", "parameters", 11 * MiB));

        var problem = Assert.Single(refused.Problems);
        Assert.Equal(ErrorCodes.DeviceMemoryExhausted, problem.Code);
        Assert.Contains("run-2 policy asks for 11.0 MiB of parameters; 10.0 MiB of 100.0 MiB are free", problem.Message, StringComparison.Ordinal);
        Assert.Contains(
            string.Join(Environment.NewLine, "holder | kind | held", "base | weights | 60.0 MiB", "run-1 policy | optimizer | 30.0 MiB"),
            problem.Message, StringComparison.Ordinal);
        Assert.Equal(2, plan.Snapshot().Length);
    }

    [Fact]
    public void Reserve_ExactlyWhatIsFree_IsGranted()
    {
        var plan = new MemoryPlan(10);
        plan.Reserve("a", "weights", 4);

        plan.Reserve("b", "weights", 6);

        Assert.Equal([new MemoryReservation("b", "weights", 6), new MemoryReservation("a", "weights", 4)], plan.Snapshot());
    }

    [Fact]
    public void Reserve_SameHolderAndKind_ReplacesWhatItHeld()
    {
        var plan = new MemoryPlan(10);
        plan.Reserve("a", "weights", 8);

        plan.Reserve("a", "weights", 10);
        Assert.Equal(10, Assert.Single(plan.Snapshot()).Bytes);
        plan.Reserve("a", "weights", 0);

        Assert.Empty(plan.Snapshot());
    }

    [Fact]
    public void Release_Holder_GivesBackAllOfItsKindsAndNoOthers()
    {
        var plan = new MemoryPlan(10);
        plan.Reserve("a", "weights", 3);
        plan.Reserve("a", "optimizer", 3);
        plan.Reserve("b", "weights", 3);

        plan.Release("a");

        Assert.Equal("b", Assert.Single(plan.Snapshot()).Holder);
    }

    [Fact]
    public void Hold_FitsThenIsGivenBack_LeavesWhatElseIsHeld()
    {
        var plan = new MemoryPlan(100);
        plan.Reserve("run", "parameters", 10);

        using (plan.Hold("run", new Workspace(20, 30, 25, 15)))
        {
            Assert.Equal(["activations", "gradients", "kv-cache", "logits", "parameters"], plan.Snapshot().Select(r => r.Kind).Order());
        }

        Assert.Equal("parameters", Assert.Single(plan.Snapshot()).Kind);
    }

    [Fact]
    public void Hold_LastPartDoesNotFit_HoldsNothing()
    {
        var plan = new MemoryPlan(100);

        var refused = Assert.Throws<ProblemException>(() => plan.Hold("run", new Workspace(40, 40, 0, 40)));

        Assert.Equal(ErrorCodes.DeviceMemoryExhausted, Assert.Single(refused.Problems).Code);
        Assert.Contains("run | activations", refused.Message, StringComparison.Ordinal);
        Assert.Empty(plan.Snapshot());
    }
}
