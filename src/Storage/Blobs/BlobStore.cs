using System.Data;
using System.Security.Cryptography;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Storage.Connections;
using Npgsql;
using NpgsqlTypes;

namespace ClinicalGpt.Orleans.Storage.Blobs;

/// <summary>Content-addressed bytes in PostgreSQL, in chunks of 1 MiB.</summary>
/// <param name="database">The database, with the policy for when it is away.</param>
public sealed class BlobStore(DatabaseRetry database) : IBlobStore
{
    /// <summary>Bytes of a chunk; the last one may be shorter.</summary>
    public const int ChunkBytes = 1 << 20;

    /// <summary>Key of the advisory lock under which garbage is collected: "cgptGC" as a number.</summary>
    private const long GarbageLock = 0x636770744743;

    /// <inheritdoc/>
    public async Task<string> PutAsync(
        ReadOnlyMemory<byte> content, string mediaType, CancellationToken cancellationToken)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        await database.InTransactionAsync(
            async (connection, token) =>
            {
                if (await TouchAsync(connection, hash, content.Length, token) == 0)
                {
                    if (await AddAsync(connection, hash, content, mediaType, token))
                    {
                        await UploadAsync(connection, hash, content, token);
                    }
                }
                else if (!await HoldsAsync(connection, hash, content, token))
                {
                    // Stored bytes that have changed since: here are the right ones, so put them back.
                    await connection.ExecuteAsync("DELETE FROM clinicalgpt.blob_chunks WHERE hash = $1", token, hash);
                    await UploadAsync(connection, hash, content, token);
                }

                return true;
            },
            cancellationToken);
        return hash;
    }

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>> GetAsync(string hash, CancellationToken cancellationToken) =>
        database.RunAsync(
            async (connection, token) =>
            {
                var (length, stored) = await SizeAsync(connection, hash, token);
                var content = length == stored
                    ? await DownloadAsync(connection, hash, length, token)
                    : throw Damaged(hash, $"has {stored} of {length} bytes stored");
                return Convert.ToHexStringLower(SHA256.HashData(content)) == hash
                    ? new ReadOnlyMemory<byte>(content)
                    : throw Damaged(hash, "has stored bytes with another hash");
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> FindMissingAsync(
        IReadOnlyCollection<string> hashes, CancellationToken cancellationToken) =>
        database.RunAsync(
            (connection, token) => connection.QueryAsync(
                """
                SELECT wanted.hash FROM unnest($1) WITH ORDINALITY AS wanted (hash, position)
                WHERE NOT EXISTS (SELECT 1 FROM clinicalgpt.blobs b WHERE b.hash = wanted.hash) ORDER BY position
                """,
                r => r.GetString(0), token, (object)hashes.Distinct().ToArray()),
            cancellationToken);

    /// <inheritdoc/>
    public Task<int> CollectGarbageAsync(TimeSpan olderThan, CancellationToken cancellationToken) =>
        database.InTransactionAsync(
            async (connection, token) =>
            {
                if (!(await connection.QueryAsync("SELECT pg_try_advisory_xact_lock($1)", r => r.GetBoolean(0), token, GarbageLock))[0])
                {
                    return 0; // another process is at it
                }

                // First lock, then look for references again: a commit that is about to refer to a blob holds its row.
                var candidates = await connection.QueryAsync(
                    """
                    SELECT hash FROM clinicalgpt.blobs b
                    WHERE touched_at < clock_timestamp() - $1
                        AND NOT EXISTS (SELECT 1 FROM clinicalgpt.blob_references r WHERE r.hash = b.hash)
                    FOR UPDATE SKIP LOCKED
                    """,
                    r => r.GetString(0), token, olderThan);
                return await connection.ExecuteAsync(
                    """
                    DELETE FROM clinicalgpt.blobs b WHERE hash = ANY($1)
                        AND NOT EXISTS (SELECT 1 FROM clinicalgpt.blob_references r WHERE r.hash = b.hash)
                    """,
                    token, (object)candidates.ToArray());
            },
            cancellationToken);

    /// <summary>Keeps a stored blob from the garbage collector until the commit that refers to it.</summary>
    private static Task<int> TouchAsync(NpgsqlConnection connection, string hash, long length, CancellationToken token) =>
        connection.ExecuteAsync(
            "UPDATE clinicalgpt.blobs SET touched_at = clock_timestamp(), length = $2 WHERE hash = $1", token, hash, length);

    /// <summary>Whether the chunks stored under a hash are these bytes.</summary>
    private static async Task<bool> HoldsAsync(
        NpgsqlConnection connection, string hash, ReadOnlyMemory<byte> content, CancellationToken token)
    {
        var at = 0;
        await using var command = connection.Command(
            "SELECT data FROM clinicalgpt.blob_chunks WHERE hash = $1 ORDER BY chunk_index", hash);
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
        {
            var chunk = reader.GetFieldValue<byte[]>(0);
            if (chunk.Length > content.Length - at || !content.Span.Slice(at, chunk.Length).SequenceEqual(chunk))
            {
                return false;
            }

            at += chunk.Length;
        }

        return at == content.Length;
    }

    /// <summary>False: another process has just stored the same bytes.</summary>
    private static async Task<bool> AddAsync(
        NpgsqlConnection connection, string hash, ReadOnlyMemory<byte> content, string mediaType, CancellationToken token) =>
        await connection.ExecuteAsync(
            "INSERT INTO clinicalgpt.blobs (hash, length, media_type) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING",
            token, hash, (long)content.Length, mediaType) == 1;

    private static async Task UploadAsync(
        NpgsqlConnection connection, string hash, ReadOnlyMemory<byte> content, CancellationToken token)
    {
        await using var writer = await connection.BeginBinaryImportAsync(
            "COPY clinicalgpt.blob_chunks (hash, chunk_index, data) FROM STDIN (FORMAT BINARY)", token);
        for (var (at, index) = (0, 0); at < content.Length; at += ChunkBytes, index++)
        {
            await writer.StartRowAsync(token);
            await writer.WriteAsync(hash, NpgsqlDbType.Text, token);
            await writer.WriteAsync(index, NpgsqlDbType.Integer, token);
            await writer.WriteAsync(
                content.Slice(at, Math.Min(ChunkBytes, content.Length - at)), NpgsqlDbType.Bytea, token);
        }

        await writer.CompleteAsync(token);
    }

    /// <summary>The length written down, and the bytes there are: equal unless something is damaged.</summary>
    private static async Task<(long Length, long Stored)> SizeAsync(
        NpgsqlConnection connection, string hash, CancellationToken token)
    {
        var rows = await connection.QueryAsync(
            """
            SELECT length, (SELECT coalesce(sum(octet_length(data)), 0) FROM clinicalgpt.blob_chunks c WHERE c.hash = b.hash)
            FROM clinicalgpt.blobs b WHERE hash = $1
            """,
            r => (r.GetInt64(0), r.GetInt64(1)), token, hash);
        return rows.Count == 1 ? rows[0] : throw Damaged(hash, "is not stored");
    }

    private static async Task<byte[]> DownloadAsync(
        NpgsqlConnection connection, string hash, long length, CancellationToken token)
    {
        var content = new byte[length];
        var at = 0;
        await using var command = connection.Command(
            "SELECT octet_length(data), data FROM clinicalgpt.blob_chunks WHERE hash = $1 ORDER BY chunk_index", hash);
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, token);
        while (await reader.ReadAsync(token))
        {
            var size = reader.GetInt32(0);
            await using var chunk = await reader.GetStreamAsync(1, token);
            await chunk.ReadExactlyAsync(content.AsMemory(at, size), token);
            at += size;
        }

        return at == content.Length ? content : throw Damaged(hash, "was deleted while it was read");
    }

    private static ProblemException Damaged(string hash, string what) => new(
        ErrorCodes.BlobDamaged,
        $"blob {hash} {what}. A run cannot go on from bytes that are not its own: restore them from a backup of the database, or "
        + "submit the same recipe under another id, which makes the same bytes and puts them back; then `clinicalgpt run resume`.");
}
