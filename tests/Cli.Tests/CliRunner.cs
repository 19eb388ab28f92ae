using ClinicalGpt.Orleans.Cli.Output;

namespace ClinicalGpt.Orleans.Cli.Tests;

/// <summary>Runs the command line in this process and keeps what it wrote.</summary>
internal static class CliRunner
{
    public static async Task<(int Code, string Out, string[] Errors)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(args, new Terminal(output, error, isInteractive: false), CancellationToken.None);
        return (code, output.ToString(), error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }
}
