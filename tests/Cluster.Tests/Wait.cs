using System.Diagnostics;

namespace ClinicalGpt.Orleans.Cluster.Tests;

/// <summary>Waits for a state, not for a time; a state that never comes fails with what was seen instead.</summary>
internal static class Wait
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);

    public static async Task UntilAsync(string what, TimeSpan limit, Func<Task<bool>> holds, Func<string> seen)
    {
        var clock = Stopwatch.StartNew();
        using var tick = new PeriodicTimer(Between);
        while (!await holds())
        {
            Assert.True(clock.Elapsed < limit, $"not within {limit.TotalSeconds} s: {what}. Seen: {seen()}");
            await tick.WaitForNextTickAsync();
        }
    }
}
