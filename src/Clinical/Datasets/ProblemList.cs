using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Clinical.Datasets;

/// <summary>Collects everything that is wrong; shows the first twenty and says how many more there are.</summary>
internal sealed class ProblemList
{
    private const int Shown = 20;

    private readonly List<Problem> _problems = [];
    private int _count;

    /// <summary>Problems so far, shown or not.</summary>
    public int Count => _count;

    public void Add(string code, string message, string file, int? line = null)
    {
        if (++_count <= Shown)
        {
            _problems.Add(new Problem(code, message, file, line));
        }
    }

    /// <summary>Throws what was collected, if anything.</summary>
    public void ThrowIfAny()
    {
        if (_count > Shown)
        {
            _problems.Add(new Problem(ErrorCodes.DataRecordInvalid, $"{_count - Shown} more problems in these files are not shown"));
        }

        if (_count > 0)
        {
            throw new ProblemException(_problems);
        }
    }
}
