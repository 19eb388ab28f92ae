using System.Security.Cryptography;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Storage.Blobs;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Tests;

public sealed class BlobStoreTests(PostgresFixture postgres) : StoreTest(postgres)
{
    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(BlobStore.ChunkBytes)]
    [InlineData((2 * BlobStore.ChunkBytes) + 1)]
    public async Task Get_StoredBytes_ReturnsThem(int length)
    {
        var bytes = Bytes(length);

        var hash = await Blobs.PutAsync(bytes, "application/octet-stream", None);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), hash);
        Assert.Equal(bytes, (await Blobs.GetAsync(hash, None)).ToArray());
        var chunks = await ScalarAsync<long>("SELECT count(*) FROM clinicalgpt.blob_chunks");
        Assert.Equal((length + BlobStore.ChunkBytes - 1) / BlobStore.ChunkBytes, chunks);
    }

    [Fact]
    public async Task Put_SameBytesAtOnceAndAgain_StoresThemOnce()
    {
        var bytes = Bytes(BlobStore.ChunkBytes + 1);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Blobs.PutAsync(bytes, "x", None))));
        await Blobs.PutAsync(bytes, "x", None);
        Assert.Equal(2L, await ScalarAsync<long>("SELECT count(*) FROM clinicalgpt.blob_chunks"));
    }

    [Theory]
    [InlineData("UPDATE clinicalgpt.blob_chunks SET data = set_byte(data, 10, get_byte(data, 10) # 1) WHERE chunk_index = 1")]
    [InlineData("DELETE FROM clinicalgpt.blob_chunks WHERE chunk_index = 1")]
    [InlineData("UPDATE clinicalgpt.blob_chunks SET data = data || '\\x00'::bytea WHERE chunk_index = 1")]
    [InlineData("UPDATE clinicalgpt.blobs SET length = length - 1")]
    public async Task Get_DamagedBytes_IsRefused(string damage)
    {
        var hash = await Blobs.PutAsync(Bytes(BlobStore.ChunkBytes + 100), "x", None);
        await ExecuteAsync(damage);
        Assert.Equal(ErrorCodes.BlobDamaged, await CodeOf(() => Blobs.GetAsync(hash, None)));
    }

    [Theory]
    [InlineData("UPDATE clinicalgpt.blob_chunks SET data = set_byte(data, 10, get_byte(data, 10) # 1) WHERE chunk_index = 1")]
    [InlineData("DELETE FROM clinicalgpt.blob_chunks WHERE chunk_index = 1")]
    [InlineData("DELETE FROM clinicalgpt.blob_chunks")]
    [InlineData("UPDATE clinicalgpt.blob_chunks SET data = data || '\\x00'::bytea WHERE chunk_index = 1")]
    [InlineData("UPDATE clinicalgpt.blobs SET length = length - 1")]
    public async Task Put_SameBytesAfterDamage_PutsThemRight(string damage)
    {
        var bytes = Bytes(BlobStore.ChunkBytes + 100);
        var hash = await Blobs.PutAsync(bytes, "x", None);
        await ExecuteAsync(damage);

        Assert.Equal(hash, await Blobs.PutAsync(bytes, "x", None));

        Assert.Equal(bytes, (await Blobs.GetAsync(hash, None)).ToArray());
        Assert.Equal(2L, await ScalarAsync<long>("SELECT count(*) FROM clinicalgpt.blob_chunks"));
    }

    [Fact]
    public async Task Get_MissingBlob_IsRefused() =>
        Assert.Equal(ErrorCodes.BlobDamaged, await CodeOf(() => Blobs.GetAsync(new string('0', 64), None)));

    [Fact]
    public async Task FindMissing_SomeStored_ReturnsTheOthersInOrder()
    {
        var stored = await Blobs.PutAsync(Bytes(3), "x", None);
        var (a, b) = (new string('f', 64), new string('0', 64));
        Assert.Equal([a, b], await Blobs.FindMissingAsync([a, stored, b, a], None));
        Assert.Empty(await Blobs.FindMissingAsync([], None));
    }

    [Fact]
    public async Task CollectGarbage_OldUnreferencedYoungAndReferenced_DeletesTheFirstAlone()
    {
        var old = await Blobs.PutAsync(Bytes(10), "x", None);
        var touched = await Blobs.PutAsync(Bytes(11), "x", None);
        var referenced = await Blobs.PutAsync(Bytes(12), "x", None);
        await Runs.CreateAsync("run-1", "demo", "{}", "h", None);
        var epoch = await Runs.AcquireEpochAsync("run-1", None);
        await Runs.CommitAsync(Samples.Ppo("run-1", epoch, 0) with { Samples = [], Blobs = [referenced] }, None);
        await ExecuteAsync("UPDATE clinicalgpt.blobs SET touched_at = now() - interval '2 hours'");
        await Blobs.PutAsync(Bytes(11), "x", None); // on its way to a commit again
        var young = await Blobs.PutAsync(Bytes(13), "x", None);

        Assert.Equal(1, await Blobs.CollectGarbageAsync(TimeSpan.FromHours(1), None));

        Assert.Equal([old], await Blobs.FindMissingAsync([old, touched, referenced, young], None));
        Assert.Equal(3L, await ScalarAsync<long>("SELECT count(*) FROM clinicalgpt.blob_chunks"));
    }

    [Fact]
    public async Task CollectGarbage_AnotherProcessIsAtIt_LeavesItToThatOne()
    {
        var hash = await Blobs.PutAsync(Bytes(10), "x", None);
        await using (var other = await Database.OpenConnectionAsync())
        await using (var transaction = await other.BeginTransactionAsync())
        {
            await using var hold = new NpgsqlCommand("SELECT pg_advisory_xact_lock(x'636770744743'::bigint)", other);
            await hold.ExecuteNonQueryAsync();
            Assert.Equal(0, await Blobs.CollectGarbageAsync(TimeSpan.Zero, None));
            Assert.Empty(await Blobs.FindMissingAsync([hash], None));
        }

        Assert.Equal(1, await Blobs.CollectGarbageAsync(TimeSpan.Zero, None));
    }
}
