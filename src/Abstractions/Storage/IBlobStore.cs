namespace ClinicalGpt.Orleans.Abstractions.Storage;

/// <summary>Content-addressed bytes: checkpoints, data sets. A blob is stored before the commit that refers to it.</summary>
public interface IBlobStore
{
    /// <summary>Stores bytes; storing the same bytes again does nothing, unless the stored ones have been damaged since: then
    /// they are put right.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="mediaType">What they are, for example <c>application/x-safetensors</c>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>SHA-256 of the bytes, lower-case hex.</returns>
    Task<string> PutAsync(ReadOnlyMemory<byte> content, string mediaType, CancellationToken cancellationToken);

    /// <summary>Reads bytes and checks their hash.</summary>
    /// <param name="hash">SHA-256, lower-case hex.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="Errors.ProblemException">CGPT4007: missing, or the bytes have another hash.</exception>
    Task<ReadOnlyMemory<byte>> GetAsync(string hash, CancellationToken cancellationToken);

    /// <summary>Of the given hashes, those that are not stored.</summary>
    /// <param name="hashes">SHA-256 hashes.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<string>> FindMissingAsync(IReadOnlyCollection<string> hashes, CancellationToken cancellationToken);

    /// <summary>Deletes blobs older than the grace period that no commit refers to, unless another process is at it.</summary>
    /// <param name="olderThan">Age below which an unreferenced blob may still be on its way to a commit.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Blobs deleted.</returns>
    Task<int> CollectGarbageAsync(TimeSpan olderThan, CancellationToken cancellationToken);
}
