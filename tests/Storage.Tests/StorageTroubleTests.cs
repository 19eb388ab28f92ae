using System.Security.Cryptography;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Storage.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace ClinicalGpt.Orleans.Storage.Tests;

/// <summary>A real server that is made unable to do its work, and able again while a call waits.</summary>
public sealed class StorageTroubleTests : IClassFixture<TroubledServer>, IDisposable
{
    private static readonly DatabaseRetryOptions Often = new()
    {
        FirstDelay = TimeSpan.FromMilliseconds(20),
        MaxDelay = TimeSpan.FromMilliseconds(100),
        SlowAfter = TimeSpan.FromMilliseconds(300),
    };

    private readonly TroubledServer _server;
    private readonly ServiceProvider _services;

    public StorageTroubleTests(TroubledServer server)
    {
        _server = server;
        _services = Services(Often);
    }

    private IBlobStore Blobs => _services.GetRequiredService<IBlobStore>();

    private IStorageHealth Health => _services.GetRequiredService<IStorageHealth>();

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task Put_ServerMayNotExtendItsFiles_WaitsVisiblyAndGoesOn()
    {
        // The server ignores SIGXFSZ so that a limit on its files looks to it like a full disk. The log of writes (WAL) comes
        // in files of 16 MiB and stays below the limit.
        var bytes = RandomNumberGenerator.GetBytes(40 << 20);
        await _server.LimitFilesAsync("25165824:");
        await _server.EndConnectionsAsync();
        var put = Blobs.PutAsync(bytes, "x", CancellationToken.None);

        var trouble = await TroubleAsync(ErrorCodes.DatabaseUnwritable, put);
        Assert.Contains("Free space", trouble.Message, StringComparison.Ordinal);
        Assert.Contains("goes on by itself", trouble.Message, StringComparison.Ordinal);
        Assert.False(put.IsCompleted);
        await _server.LimitFilesAsync("unlimited:");
        await _server.EndConnectionsAsync();

        Assert.Equal(bytes, (await Blobs.GetAsync(await put, CancellationToken.None)).ToArray());
        Assert.Null(Health.FindTrouble());
    }

    [Fact]
    public async Task Put_ServerIsReadOnly_WaitsVisiblyAndGoesOn()
    {
        await _server.SetReadOnlyAsync("on");
        var put = Blobs.PutAsync(new byte[] { 1, 2, 3 }, "x", CancellationToken.None);

        var trouble = await TroubleAsync(ErrorCodes.DatabaseUnwritable, put);
        Assert.Contains("25006", trouble.Message, StringComparison.Ordinal);

        // What can be read is read meanwhile, and that says nothing about writing.
        Assert.Empty(await _services.GetRequiredService<IRunStore>().ListAsync(1, CancellationToken.None));
        Assert.NotNull(Health.FindTrouble());
        await _server.SetReadOnlyAsync("off");

        await put;
        Assert.Null(Health.FindTrouble());
    }

    [Fact]
    public async Task Put_ServerReadOnlyForTooLong_SaysSo()
    {
        await _server.SetReadOnlyAsync("on");
        await using var impatient = Services(Often with { GiveUpAfter = TimeSpan.FromMilliseconds(200) });

        var problem = await Assert.ThrowsAsync<ProblemException>(() => impatient.GetRequiredService<IBlobStore>().PutAsync(new byte[] { 1 }, "x", CancellationToken.None));

        Assert.Equal(ErrorCodes.DatabaseUnwritable, Assert.Single(problem.Problems).Code);
        Assert.Contains("could not write for", problem.Message, StringComparison.Ordinal);
        await _server.SetReadOnlyAsync("off");
    }

    [Fact]
    public async Task FindTrouble_ServerFrozenAndNobodyAsksAnything_FindsOutAndForgets()
    {
        // Frozen, not gone: connections are accepted, and nothing answers.
        await Blobs.FindMissingAsync([], CancellationToken.None);
        await _server.SignalAsync("STOP");
        try
        {
            var trouble = await TroubleAsync(ErrorCodes.DatabaseUnreachable);
            Assert.Contains("has not answered since", trouble.Message, StringComparison.Ordinal);
        }
        finally
        {
            await _server.SignalAsync("CONT");
        }

        await TroubledServer.UntilAsync("the trouble is over", () => Task.FromResult(Health.FindTrouble() is null), () => "");
    }

    private ServiceProvider Services(DatabaseRetryOptions options) =>
        new ServiceCollection().AddSingleton(options).AddClinicalGptStorage(_server.ConnectionString).BuildServiceProvider();

    private async Task<Problem> TroubleAsync(string code, Task? waiting = null)
    {
        Problem? trouble = null;
        await TroubledServer.UntilAsync(
            $"trouble {code}", () => Task.FromResult((trouble = Health.FindTrouble())?.Code == code), () => $"{trouble} {waiting?.Exception}");
        return trouble!;
    }
}
