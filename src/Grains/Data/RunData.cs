using System.Collections.Concurrent;
using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Clinical.Datasets;

namespace ClinicalGpt.Orleans.Grains.Data;

/// <summary>Imported data sets of a silo, read once by hash.</summary>
/// <param name="blobs">Content-addressed bytes.</param>
public sealed class RunData(IBlobStore blobs)
{
    private readonly ConcurrentDictionary<string, WeakReference<IReadOnlyList<ClinicalRecord>>> _byHash = new();

    /// <summary>The records of a data set, in import order.</summary>
    /// <param name="reference">Which.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<ClinicalRecord>> ReadAsync(DatasetReference reference, CancellationToken cancellationToken)
    {
        if (_byHash.TryGetValue(reference.Hash, out var weak) && weak.TryGetTarget(out var known))
        {
            return known;
        }

        var records = DatasetJson.Read(await blobs.GetAsync(reference.Hash, cancellationToken));
        _byHash[reference.Hash] = new(records);
        return records;
    }
}
