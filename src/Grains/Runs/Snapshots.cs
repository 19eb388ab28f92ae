using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>Snapshots made from what is stored.</summary>
internal static class Snapshots
{
    public static bool IsTerminal(RunStatus status) => status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled;

    public static RunSnapshot Of(StoredRun run, RunProgress? progress, string silo, DateTimeOffset now) => new()
    {
        RunId = run.RunId,
        Name = run.Name,
        Status = run.Status,
        Reason = run.Reason,
        Stage = progress?.Stage ?? StageNames.Data,
        Iteration = progress?.Iteration ?? 0,
        PhaseSince = now,
        CreatedAt = run.CreatedAt,
        UpdatedAt = now,
        Epoch = run.Epoch,
        Silo = silo,
        RecipeHash = run.RecipeHash,
        Stages = [.. RecipeJson.Read(run.RecipeJson).Stages()],
        FinalHash = progress is { Stage: StageNames.Done } ? FinalHash(progress) : null,
    };

    /// <summary>A run that is going on waits for storage when storage does not do what it is asked.</summary>
    public static RunSnapshot WithTrouble(RunSnapshot snapshot, IStorageHealth health) =>
        snapshot.Reason is not null || snapshot.IsTerminal || snapshot.Status == RunStatus.Paused
            ? snapshot
            : snapshot with { Reason = health.FindTrouble() };

    /// <summary>The hash of what the run trained last.</summary>
    public static string? FinalHash(RunProgress progress) =>
        (progress.Ppo?.Policy ?? progress.Reward ?? progress.Sft ?? progress.Pretrain)?.Parameters.Hash;
}
