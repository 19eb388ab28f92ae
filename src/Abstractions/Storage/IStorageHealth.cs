using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Abstractions.Storage;

/// <summary>Whether storage does what it is asked. Runs show its trouble while they wait for it.</summary>
public interface IStorageHealth
{
    /// <summary>What keeps storage from working at this moment, and since when; null while it works. Returns at once: where
    /// nobody has asked storage for a while, it is asked in the background, and a later call tells what came of it.</summary>
    /// <returns>CGPT4001 (no answer) or CGPT4015 (nothing can be written), or null.</returns>
    Problem? FindTrouble();
}
