using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ClinicalGpt.Orleans.Abstractions.Failpoints;

/// <summary>A failpoint that is on.</summary>
/// <param name="settings">Where, what, how often.</param>
internal sealed class ArmedFailpoint(FailpointSettings settings)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Does nothing where another place is meant, or the failpoint has fired as often as it may.</summary>
    public async Task HitAsync(string name, string detail)
    {
        if (name != settings.Name || !detail.Contains(settings.Detail, StringComparison.Ordinal) || TakeToken(detail) is not { } token)
        {
            return;
        }

        switch (settings.Action)
        {
            case FailpointAction.Abort:
                Abort();
                break;
            case FailpointAction.Wait:
                while (!File.Exists(token + FailpointSettings.GoOn))
                {
                    await Task.Delay(Poll);
                }

                break;
            default:
                await Task.Delay(Timeout.Infinite);
                break;
        }
    }

    /// <summary>Creating the file is the claim: only one process can. Who claimed, and where, is for the test that waits.</summary>
    private string? TakeToken(string detail)
    {
        for (var i = 1; i <= settings.Times; i++)
        {
            var token = string.Create(CultureInfo.InvariantCulture, $"{settings.Token}.{i}");
            try
            {
                using var file = new FileStream(token, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
                file.Write(Encoding.UTF8.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {settings.Name}@{detail}\n")));
                return token;
            }
            catch (IOException e) when (e is not DirectoryNotFoundException && File.Exists(token))
            {
                // Taken by an earlier firing.
            }
        }

        return null;
    }

    [DllImport("libc", EntryPoint = "abort")]
    private static extern void Abort();
}
