using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Grains.Tests.Hosting;

namespace ClinicalGpt.Orleans.Grains.Tests.Runs;

[Collection(ClusterCollection.Name)]
public sealed class DeviceMemoryTests(ClusterFixture fixture)
{
    private static readonly string[] OfComputations = ["activations", "logits", "kv-cache", "gradients"];

    [Fact]
    public async Task Run_ActivationsDoNotFit_FailsWithTheTableAndHoldsNothing()
    {
        // Base weights, adapter and optimizer fit into 8 MiB; what a step of four rows computes with does not.
        await using var small = await GrainCluster.StartAsync(fixture.ConnectionString, silos: 1, memoryBytes: 8 << 20);
        var run = await small.Client.StartRunAsync(Tiny.Training("seed=80", "ppo=null", "reward=null"), "no-room");

        var end = await ClusterFixture.WaitAsync(run, s => s.IsTerminal);

        Assert.Equal((RunStatus.Failed, ErrorCodes.DeviceMemoryExhausted), (end.Status, end.Reason?.Code));
        Assert.Contains("of activations", end.Reason!.Message, StringComparison.Ordinal);
        Assert.Contains("| weights |", end.Reason.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(small.Service<DeviceHost>().Memory.Snapshot(), r => OfComputations.Contains(r.Kind));
    }

    [Fact]
    public async Task Run_RoomForOneFrozenModelOnly_OldOnesGoAndTheResultIsTheSame()
    {
        var recipe = Tiny.Training("seed=111");
        var roomy = await fixture.RunAsync("roomy", recipe);
        await using var tight = await GrainCluster.StartAsync(fixture.ConnectionString, silos: 1, memoryBytes: 30 << 20);

        var run = await tight.Client.StartRunAsync(recipe, "tight");
        var end = await ClusterFixture.WaitAsync(run, s => s.IsTerminal);

        Assert.True(end.Status == RunStatus.Completed, end.Reason?.ToString());
        Assert.Equal(roomy.FinalHash, end.FinalHash);
        var held = tight.Service<DeviceHost>().Memory.Snapshot();
        Assert.DoesNotContain(held, r => OfComputations.Contains(r.Kind));

        // Three policies were sampled from (the SFT model and two of PPO); the weights of one are left.
        Assert.Single(held, r => r.Kind == "merged weights");
    }
}
