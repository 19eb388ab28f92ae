using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;

namespace ClinicalGpt.Orleans.Learning.Models;

/// <summary>Compares the tensors of a file with those a configuration asks for.</summary>
internal static class ShapeCheck
{
    /// <summary>Passes when every expected tensor is there with its shape.</summary>
    /// <exception cref="ProblemException"><c>CGPT3004</c>, one problem for each tensor.</exception>
    public static void Require(IEnumerable<(string Name, long[] Shape)> expected, IReadOnlyDictionary<string, TensorData> found)
    {
        var problems = new List<Problem>();
        foreach (var (name, shape) in expected)
        {
            if (!found.TryGetValue(name, out var tensor))
            {
                problems.Add(Mismatch(name, $"tensor {name} is missing; the configuration needs it with shape {Text(shape)}. Use weights and config.json of the same model."));
            }
            else if (!tensor.Shape.SequenceEqual(shape))
            {
                problems.Add(Mismatch(name, $"tensor {name} has shape {Text(tensor.Shape)}; the configuration needs {Text(shape)}. Use weights and config.json of the same model."));
            }
        }

        if (problems.Count > 0)
        {
            throw new ProblemException(problems);
        }
    }

    private static Problem Mismatch(string name, string message) => new(ErrorCodes.ModelTensorMismatch, message, Key: name);

    private static string Text(long[] shape) => $"[{string.Join(", ", shape)}]";
}
