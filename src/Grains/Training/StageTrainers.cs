using ClinicalGpt.Orleans.Abstractions.Determinism;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Grains.Data;
using ClinicalGpt.Orleans.Learning.Models;
using ClinicalGpt.Orleans.Learning.Optim;
using ClinicalGpt.Orleans.Learning.Pretraining;
using ClinicalGpt.Orleans.Learning.RewardModel;
using ClinicalGpt.Orleans.Learning.Sft;

namespace ClinicalGpt.Orleans.Grains.Training;

/// <summary>Language-model training on windows of a token stream; trains every weight.</summary>
/// <param name="recipe">The recipe.</param>
/// <param name="stream">All documents of a pass, packed.</param>
internal sealed class PretrainStageTrainer(Recipe recipe, TokenStream stream) : IStageTrainer
{
    private PretrainOptions Options => recipe.Pretrain!;

    public OptimizerOptions Optimizer => Options.Optimizer;

    public int LeftOut => 0;

    public int TotalSteps => Options.Epochs * BatchSchedule.StepsPerEpoch(stream.Windows(Options.WindowTokens), Options.BatchSize);

    public ParameterSet CreateParameters(BaseModel model, ParameterReference? initial, IReadOnlyList<TensorData>? tensors) =>
        ParameterSet.CreateFull(model);

    public Workspace Need(ModelConfig config, ParameterSet parameters, int step)
    {
        long rows = Math.Min(Options.BatchSize, stream.Windows(Options.WindowTokens)), length = Options.WindowTokens - 1;
        return WorkspaceEstimate.Training(config, parameters, rows, length, rows * length);
    }

    public Dictionary<string, double> Step(BaseModel model, TrainingState state, int step, double learningRate)
    {
        var windows = BatchSchedule
            .RowsOfStep(recipe.Seed, StageNames.Pretrain, step, stream.Windows(Options.WindowTokens), Options.BatchSize)
            .Select(w => stream.Window(w, Options.WindowTokens))
            .ToArray();
        return LanguageModelTrainer.Step(model, state, windows, Options.Optimizer, learningRate);
    }
}

/// <summary>Supervised fine-tuning.</summary>
/// <param name="recipe">The recipe.</param>
/// <param name="rows">Prompt and response of each row.</param>
/// <param name="leftOut">Records that are too long.</param>
internal sealed class SftStageTrainer(
    Recipe recipe, IReadOnlyList<(int[] Prompt, int[] Response)> rows, int leftOut) : IStageTrainer
{
    private SftOptions Options => recipe.Sft!;

    public OptimizerOptions Optimizer => Options.Optimizer;

    public int LeftOut => leftOut;

    public int TotalSteps => Options.Epochs * BatchSchedule.StepsPerEpoch(rows.Count, Options.BatchSize);

    public ParameterSet CreateParameters(BaseModel model, ParameterReference? initial, IReadOnlyList<TensorData>? tensors) =>
        Options.Adapter.IsLora
            ? ParameterSet.CreateLora(model, Options.Adapter, Seeds.Derive(recipe.Seed, "sft/adapter"))
            : ParameterSet.CreateFull(model);

    public Workspace Need(ModelConfig config, ParameterSet parameters, int step) => Batch(step)
        .Select(b => WorkspaceEstimate.Training(
            config, parameters, b.Rows, TrainingNeed.Longest(b) - 1, b.ResponseTokens, dropout: Options.Adapter is { IsLora: true, Dropout: > 0 }))
        .Aggregate(Workspace.None, (a, b) => a.Or(b));

    public Dictionary<string, double> Step(BaseModel model, TrainingState state, int step, double learningRate) => SftTrainer.Step(
        model, state, Batch(step), Options.Optimizer, learningRate, Options.Adapter.IsLora ? Options.Adapter.Dropout : 0,
        Seeds.Derive(recipe.Seed, "sft/dropout", step));

    private SequenceBlock[] Batch(int step) =>
        [.. BatchSchedule.RowsOfStep(recipe.Seed, StageNames.Sft, step, rows.Count, Options.BatchSize)
            .Select(i => rows[i])
            .Chunk(Options.MicroBatchSize)
            .Select(SequenceBlock.From)];
}

/// <summary>Ranking training of the reward model.</summary>
/// <param name="recipe">The recipe.</param>
/// <param name="stage">The stage, for seeds.</param>
/// <param name="pairs">Comparisons.</param>
/// <param name="leftOut">Comparisons with an answer that is too long.</param>
internal sealed class RewardStageTrainer(
    Recipe recipe,
    string stage,
    IReadOnlyList<((int[] Prompt, int[] Response) Chosen, (int[] Prompt, int[] Response) Rejected)> pairs,
    int leftOut) : IStageTrainer
{
    private RewardOptions Options => recipe.Reward!;

    public OptimizerOptions Optimizer => Options.Optimizer;

    public int LeftOut => leftOut;

    public int TotalSteps => Options.Epochs * BatchSchedule.StepsPerEpoch(pairs.Count, Options.BatchSize);

    public ParameterSet CreateParameters(BaseModel model, ParameterReference? initial, IReadOnlyList<TensorData>? tensors)
    {
        var parameters = initial is not null && tensors is not null
            ? ParameterSet.FromTensors(model, tensors, initial.IsLora, initial.Scale, trainable: true)
            : Options.Adapter.IsLora
                ? ParameterSet.CreateLora(model, Options.Adapter, Seeds.Derive(recipe.Seed, stage + "/adapter"))
                : ParameterSet.CreateFull(model);
        parameters.AddHead(Seeds.Derive(recipe.Seed, stage + "/head"));
        return parameters;
    }

    public Workspace Need(ModelConfig config, ParameterSet parameters, int step) => Batch(step)
        .Select(b => WorkspaceEstimate.Training(
            config, parameters, 2L * b.Chosen.Rows, Math.Max(TrainingNeed.Longest(b.Chosen), TrainingNeed.Longest(b.Rejected)), logitRows: 0,
            dropout: Options.Adapter is { IsLora: true, Dropout: > 0 }))
        .Aggregate(Workspace.None, (a, b) => a.Or(b));

    public Dictionary<string, double> Step(BaseModel model, TrainingState state, int step, double learningRate) => RewardTrainer.Step(
        model, state, Batch(step), Options.Optimizer, learningRate, Options.Adapter.IsLora ? Options.Adapter.Dropout : 0,
        Seeds.Derive(recipe.Seed, stage + "/dropout", step));

    private (SequenceBlock Chosen, SequenceBlock Rejected)[] Batch(int step) =>
        [.. BatchSchedule.RowsOfStep(recipe.Seed, stage, step, pairs.Count, Options.BatchSize)
            .Select(i => pairs[i])
            .Chunk(Options.MicroBatchSize)
            .Select(c => (SequenceBlock.From([.. c.Select(p => p.Chosen)]), SequenceBlock.From([.. c.Select(p => p.Rejected)])))];
}
