namespace ClinicalGpt.Orleans.Cluster.Harness;

/// <summary>A cluster did not do what was waited for, or two runs differ; the message says what was seen instead.</summary>
/// <param name="message">What.</param>
public sealed class ClusterException(string message) : Exception(message)
{
    internal static void Require(bool holds, Func<string> message)
    {
        if (!holds)
        {
            throw new ClusterException(message());
        }
    }
}
