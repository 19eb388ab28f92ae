using ClinicalGpt.Orleans.Cli.Home;
using ClinicalGpt.Orleans.Cli.Output;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary>What every command has: the terminal, the home folder and the global options.</summary>
internal sealed class CommandContext(Terminal terminal, ClinicalGptHome home)
{
    public Terminal Terminal => terminal;

    public ClinicalGptHome Home => home;

    public Option<string> Output { get; } = AcceptOnly(new Option<string>("--output", "-o")
    {
        Description = "How data is written to stdout: text or json (one object or array; JSON lines for watch).",
        DefaultValueFactory = _ => "text",
        Recursive = true,
    });

    public Option<string?> Connection { get; } = new("--connection")
    {
        Description = "PostgreSQL connection string of the cluster. Default: $CLINICALGPT_CONNECTION, else the cluster started by `up`.",
        HelpName = "string",
        Recursive = true,
    };

    public Option<string?> ClusterId { get; } = new("--cluster-id")
    {
        Description = "The cluster's id. Default: that of the cluster started by `up`, else clinicalgpt.",
        HelpName = "id",
        Recursive = true,
    };

    public bool IsJson(ParseResult result) => result.GetValue(Output) == "json";

    /// <summary>The connection string asked for, or null.</summary>
    public string? RequestedConnection(ParseResult result) =>
        NonEmpty(result.GetValue(Connection)) ?? NonEmpty(Environment.GetEnvironmentVariable(SiloOptionsReader.ConnectionVariable));

    private static string? NonEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static Option<string> AcceptOnly(Option<string> option)
    {
        option.AcceptOnlyFromAmong("text", "json");
        return option;
    }
}
