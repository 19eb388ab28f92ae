namespace ClinicalGpt.Orleans.Formats.TensorBoard;

/// <summary>One point of a TensorBoard curve.</summary>
/// <param name="Tag">The curve's name, for example <c>objective/kl</c>.</param>
/// <param name="Step">Position on the horizontal axis.</param>
/// <param name="WallTimeSeconds">Seconds since 1970-01-01 UTC.</param>
/// <param name="Value">The value; stored as 32-bit float.</param>
public readonly record struct ScalarEvent(string Tag, long Step, double WallTimeSeconds, double Value);
