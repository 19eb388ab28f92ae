using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Silo.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace ClinicalGpt.Orleans.Silo.Tests.Hosting;

/// <summary>The guard in a real cluster of two silos: what it lets through arrives, what it refuses says why.</summary>
public sealed class MessageSizeGuardTests : IAsyncLifetime
{
    private readonly InProcessTestCluster _cluster;

    public MessageSizeGuardTests()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<IOutgoingGrainCallFilter, MessageSizeGuard>();
            silo.Services.AddSingleton<IIncomingGrainCallFilter, MessageSizeGuard>();
        });
        builder.ConfigureClient(client => client.Services.AddSingleton<IOutgoingGrainCallFilter, MessageSizeGuard>());
        _cluster = builder.Build();
    }

    public Task InitializeAsync() => _cluster.DeployAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Call_ArgumentAtLimit_Arrives() =>
        Assert.Equal(MessageSizeGuard.LimitBytes, await Grain.Take([Block(MessageSizeGuard.LimitBytes)]));

    [Fact]
    public async Task Call_ArgumentsTogetherAboveLimit_IsRefusedAtOnce()
    {
        var half = (MessageSizeGuard.LimitBytes / 2) + 4;

        var error = await Assert.ThrowsAsync<ProblemException>(() => Grain.Take([Block(half), Block(half)]));

        var problem = Assert.Single(error.Problems);
        Assert.Equal(ErrorCodes.MessageTooLarge, problem.Code);
        Assert.Contains("Take", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_ResultAboveLimit_ReachesTheCallerAsProblem()
    {
        var error = await Assert.ThrowsAsync<ProblemException>(() => Grain.Give(MessageSizeGuard.LimitBytes + 4));

        Assert.Equal(ErrorCodes.MessageTooLarge, Assert.Single(error.Problems).Code);
        Assert.Contains("result", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_GrainFails_ItsOwnErrorArrives()
    {
        var error = await Assert.ThrowsAsync<ProblemException>(() => Grain.Give(-1));

        Assert.Equal(ErrorCodes.NonFinite, Assert.Single(error.Problems).Code);
    }

    [Fact]
    public void Of_NestedMessage_CountsItsBytes()
    {
        var block = SequenceBlock.From([([1, 2, 3], [4, 5])]);

        // 5 tokens of 4 bytes, and two arrays with one length of 4 bytes each.
        Assert.Equal(28, PayloadSize.Of(block));
        Assert.Equal(56, PayloadSize.Of(new[] { block, block }));
        Assert.Equal(28 + 3, PayloadSize.Of(new Dictionary<string, SequenceBlock> { ["abc"] = block }));
        Assert.Equal(0, PayloadSize.Of(null));
        Assert.Equal(0, PayloadSize.Of(42));
    }

    private IEchoGrain Grain => _cluster.Client.GetGrain<IEchoGrain>(0);

    private static FloatBlock Block(long bytes) => new() { Data = new byte[bytes], Shape = [] };
}

public interface IEchoGrain : IGrainWithIntegerKey
{
    Task<long> Take(FloatBlock[] blocks);

    Task<FloatBlock> Give(long bytes);
}

public sealed class EchoGrain : Grain, IEchoGrain
{
    public Task<long> Take(FloatBlock[] blocks) => Task.FromResult(blocks.Sum(b => b.Data.LongLength));

    public Task<FloatBlock> Give(long bytes) => bytes < 0
        ? throw new ProblemException(ErrorCodes.NonFinite, "made to fail")
        : Task.FromResult(new FloatBlock { Data = new byte[bytes], Shape = [] });
}
