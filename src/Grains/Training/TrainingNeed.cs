using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Learning.Models;

namespace ClinicalGpt.Orleans.Grains.Training;

/// <summary>Shapes of what is trained, for the memory plan.</summary>
internal static class TrainingNeed
{
    /// <summary>Tokens of the longest row, prompt and response together.</summary>
    public static int Longest(SequenceBlock block) => block.PromptLengths.Zip(block.ResponseLengths, (p, r) => p + r).DefaultIfEmpty(0).Max();

    /// <summary>What one PPO iteration allocates: first log-probabilities and values chunk by chunk, then minibatches in which the forward
    /// passes of policy and critic are alive together. A minibatch is drawn from all rows, so it may hold the longest ones.</summary>
    /// <param name="config">Dimensions of the model.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="critic">The critic.</param>
    /// <param name="chunks">The experience, as it was generated.</param>
    /// <param name="ppo">PPO.</param>
    public static Workspace Learning(ModelConfig config, ParameterSet policy, ParameterSet critic, IReadOnlyList<SequenceBlock> chunks, PpoOptions ppo)
    {
        long rows = Math.Min(ppo.MinibatchSize, chunks.Sum(c => c.Rows)), length = chunks.Max(Longest) - 1;
        var responses = chunks.SelectMany(c => c.ResponseLengths).OrderDescending().Take((int)rows).Sum(r => (long)r);
        var minibatch = WorkspaceEstimate.Training(config, policy, rows, length, responses, isScaled: ppo.Temperature != 1)
            .And(WorkspaceEstimate.Training(config, critic, rows, length, logitRows: 0));
        return chunks
            .Select(c => WorkspaceEstimate.Scoring(config, policy.IsLora, c, withLogits: true))
            .Append(WorkspaceEstimate.Scoring(config, critic.IsLora, SequenceBlock.Concat(chunks), withLogits: false))
            .Aggregate(minibatch, (a, b) => a.Or(b));
    }
}
