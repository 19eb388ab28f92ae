using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Learning.Models;

namespace ClinicalGpt.Orleans.Learning.Optim;

/// <summary>Trainable parameters with their optimizer: what a checkpoint holds. Owns both.</summary>
public sealed class TrainingState : IDisposable
{
    private TrainingState(ParameterSet parameters, AdamW optimizer) => (Parameters, Optimizer) = (parameters, optimizer);

    /// <summary>The parameters.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>The optimizer.</summary>
    public AdamW Optimizer { get; }

    /// <summary>Starts training; add a head and fold constants before.</summary>
    /// <param name="trainable">Parameters that require gradients; owned from here on.</param>
    /// <param name="options">AdamW.</param>
    public static TrainingState Create(ParameterSet trainable, OptimizerOptions options) =>
        new(trainable, new AdamW(trainable.Tensors, options));

    /// <summary>Goes on from a checkpoint; further steps equal those of an uninterrupted run bit for bit.</summary>
    /// <param name="model">The base.</param>
    /// <param name="parameters">What <see cref="ParameterSet.ToTensors"/> gave.</param>
    /// <param name="isLora">Whether they are LoRA factors.</param>
    /// <param name="scale">LoRA alpha / r.</param>
    /// <param name="optimizer">What <see cref="AdamW.ToTensors"/> gave.</param>
    /// <param name="options">AdamW.</param>
    public static TrainingState FromTensors(
        BaseModel model, IReadOnlyList<TensorData> parameters, bool isLora, double scale, IReadOnlyList<TensorData> optimizer, OptimizerOptions options)
    {
        var state = Create(ParameterSet.FromTensors(model, parameters, isLora, scale, trainable: true), options);
        state.Optimizer.Load(optimizer);
        return state;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        Parameters.Dispose();
    }
}
