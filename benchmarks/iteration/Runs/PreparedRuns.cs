using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Storage;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Runs;

/// <summary>Runs that begin where PPO begins: SFT, reward model and score constants are those of a run that was carried
/// through once, so that only PPO is measured and every variant starts from the same bytes.</summary>
internal sealed class PreparedRuns : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public PreparedRuns(string connectionString)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddClinicalGptStorage(connectionString);
        _services = services.BuildServiceProvider();
    }

    private IRunStore Store => _services.GetRequiredService<IRunStore>();

    /// <summary>An id made of the recipe, so that what is there already is found again.</summary>
    public static string IdOf(string prefix, Recipe recipe) => $"{prefix}-{RecipeJson.Hash(RecipeJson.Write(recipe))[..12]}";

    /// <summary>Stores a run to be carried through from its first stage; nothing happens where it exists.</summary>
    /// <param name="runId">Its id.</param>
    /// <param name="recipe">Its recipe.</param>
    public async Task CreateAsync(string runId, Recipe recipe)
    {
        var json = RecipeJson.Write(recipe);
        await Store.CreateAsync(runId, recipe.Name, json, RecipeJson.Hash(json), CancellationToken.None);
    }

    /// <summary>Stores a run that stands before its first PPO iteration.</summary>
    /// <param name="runId">Its id; new.</param>
    /// <param name="recipe">Its recipe.</param>
    /// <param name="finishedRun">A finished run with the same stages before PPO.</param>
    public async Task ForkAsync(string runId, Recipe recipe, string finishedRun)
    {
        await CreateAsync(runId, recipe);
        var done = (await Store.GetProgressAsync(finishedRun, CancellationToken.None))!;
        var epoch = await Store.AcquireEpochAsync(runId, CancellationToken.None);
        await Store.CommitAsync(
            new IterationCommit
            {
                RunId = runId,
                Epoch = epoch,
                Stage = StageNames.Data,
                Iteration = 0,
                Metrics = new Dictionary<string, double>(),
                Progress = done with
                {
                    Stage = StageNames.Ppo,
                    Iteration = 0,
                    Ppo = null,
                    KlCoef = recipe.Ppo!.KlCoef,
                    Best = null,
                    BestExact = double.NegativeInfinity,
                    BestIteration = -1,
                },
            },
            CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
