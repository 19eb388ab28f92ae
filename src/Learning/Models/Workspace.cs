namespace ClinicalGpt.Orleans.Learning.Models;

/// <summary>Bytes a computation allocates beside weights, trained parameters and optimizer state, and gives back at its end.</summary>
/// <param name="Activations">What the forward pass makes and the backward pass needs, attention bias included.</param>
/// <param name="Logits">Numbers per vocabulary entry: logits, their log-softmax, gradients of both.</param>
/// <param name="KvCache">Keys and values while generating.</param>
/// <param name="Gradients">Gradients of the trained parameters, from the first backward pass to the optimizer step.</param>
public sealed record Workspace(long Activations, long Logits = 0, long KvCache = 0, long Gradients = 0)
{
    /// <summary>Nothing.</summary>
    public static Workspace None { get; } = new(0);

    /// <summary>All of it.</summary>
    public long Total => Activations + Logits + KvCache + Gradients;

    /// <summary>For two computations one after the other: the larger of each part.</summary>
    /// <param name="other">The other one.</param>
    public Workspace Or(Workspace other) => new(
        Math.Max(Activations, other.Activations), Math.Max(Logits, other.Logits), Math.Max(KvCache, other.KvCache), Math.Max(Gradients, other.Gradients));

    /// <summary>For two computations that are alive at the same time.</summary>
    /// <param name="other">The other one.</param>
    public Workspace And(Workspace other) => new(
        Activations + other.Activations, Logits + other.Logits, KvCache + other.KvCache, Gradients + other.Gradients);
}
