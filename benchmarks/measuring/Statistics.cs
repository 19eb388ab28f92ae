namespace ClinicalGpt.Orleans.Benchmarks.Measuring;

/// <summary>Order statistics and the slope of a line, over plain numbers.</summary>
public static class Statistics
{
    /// <summary>The middle value; of an even number the mean of the two in the middle.</summary>
    /// <param name="values">At least one number.</param>
    public static double Median(IEnumerable<double> values) => Quantile(values, 0.5);

    /// <summary>A quantile by linear interpolation between the closest ranks.</summary>
    /// <param name="values">At least one number.</param>
    /// <param name="share">In [0, 1].</param>
    /// <exception cref="ArgumentException">There is no number.</exception>
    public static double Quantile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0)
        {
            throw new ArgumentException("a quantile needs at least one number", nameof(values));
        }

        var at = share * (sorted.Length - 1);
        var below = (int)Math.Floor(at);
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((at - below) * (sorted[above] - sorted[below]));
    }

    /// <summary>Slope by Theil and Sen: the median of the slopes between all pairs, which a few outliers do not move.</summary>
    /// <param name="points">At least two points with different x.</param>
    /// <returns>y per unit of x.</returns>
    /// <exception cref="ArgumentException">No two points differ in x.</exception>
    public static double Slope(IReadOnlyList<(double X, double Y)> points)
    {
        var slopes = new List<double>();
        for (var i = 0; i < points.Count; i++)
        {
            for (var j = i + 1; j < points.Count; j++)
            {
                if (points[j].X != points[i].X)
                {
                    slopes.Add((points[j].Y - points[i].Y) / (points[j].X - points[i].X));
                }
            }
        }

        return slopes.Count > 0 ? Median(slopes) : throw new ArgumentException("a slope needs two points with different x", nameof(points));
    }
}
