namespace ClinicalGpt.Orleans.Learning.Ppo;

/// <summary>Means of named numbers over optimizer steps.</summary>
internal sealed class RunningMeans
{
    private readonly Dictionary<string, (double Sum, int Count)> _sums = [];

    public void Add(string name, double value)
    {
        var (sum, count) = _sums.GetValueOrDefault(name);
        _sums[name] = (sum + value, count + 1);
    }

    public IEnumerable<KeyValuePair<string, double>> All() =>
        _sums.Select(s => KeyValuePair.Create(s.Key, s.Value.Sum / s.Value.Count));
}
