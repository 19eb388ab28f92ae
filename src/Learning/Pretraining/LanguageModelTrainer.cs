using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Telemetry;
using ClinicalGpt.Orleans.Learning.Models;
using ClinicalGpt.Orleans.Learning.Optim;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace ClinicalGpt.Orleans.Learning.Pretraining;

/// <summary>Language-model training on packed windows.</summary>
public static class LanguageModelTrainer
{
    /// <summary>One optimizer step: mean cross-entropy of every next token of every window.</summary>
    /// <param name="model">The base.</param>
    /// <param name="state">What is trained, usually a full set.</param>
    /// <param name="windows">(B, W) token ids; every window full, W at least 2.</param>
    /// <param name="options">Largest gradient norm.</param>
    /// <param name="lr">Learning rate of this step.</param>
    /// <returns>Loss (nats per token), gradient norm, learning rate.</returns>
    /// <exception cref="ArgumentException">No window, or windows of different lengths.</exception>
    /// <exception cref="ProblemException"><c>CGPT3009</c>: loss or gradient not finite; nothing was changed.</exception>
    public static Dictionary<string, double> Step(
        BaseModel model, TrainingState state, int[][] windows, OptimizerOptions options, double lr)
    {
        if (windows.Length == 0 || windows[0].Length < 2 || windows.Any(w => w.Length != windows[0].Length))
        {
            throw new ArgumentException("windows must be at least one, of one length of at least 2 tokens", nameof(windows));
        }

        using var scope = torch.NewDisposeScope();
        long length = windows[0].Length;
        var ids = torch.tensor(windows.SelectMany(w => w).Select(t => (long)t).ToArray(), [windows.Length, length]);
        var inputs = ids.narrow(1, 0, length - 1);
        var hidden = CausalModel.Hidden(model, state.Parameters, inputs, torch.ones(1, length - 1), dropout: null);
        var logits = CausalModel.Logits(model, state.Parameters, hidden.view(-1, model.Config.HiddenSize)); // (B·(W-1), V)
        var loss = F.cross_entropy(logits, ids.narrow(1, 1, length - 1).reshape(-1));
        loss.backward();
        var value = (double)loss.item<float>();
        var norm = OptimizerStep.Apply(state, options, lr, value, "pretrain");
        return new() { [MetricNames.Loss] = value, [MetricNames.GradNorm] = norm, [MetricNames.LearningRate] = lr };
    }
}
