using System.Text.Json;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ClinicalGpt.Orleans.Cli.Output;

/// <summary>Data goes to stdout, messages to stderr.</summary>
public sealed class Terminal
{
    private readonly IAnsiConsole _console;

    /// <summary>Makes a terminal over two writers.</summary>
    /// <param name="output">Data.</param>
    /// <param name="error">Messages.</param>
    /// <param name="isInteractive">Whether a person sees <paramref name="output"/> as it is written, so that a live view makes sense.</param>
    public Terminal(TextWriter output, TextWriter error, bool isInteractive)
    {
        Out = output;
        Error = error;
        IsInteractive = isInteractive;
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isInteractive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isInteractive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isInteractive ? InteractionSupport.Yes : InteractionSupport.No,
        });
        if (!isInteractive)
        {
            // A file or a pipe has no width: never cut a table short there.
            _console.Profile.Width = 200;
        }
    }

    /// <summary>Data.</summary>
    public TextWriter Out { get; }

    /// <summary>Messages.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether a person looks on.</summary>
    public bool IsInteractive { get; }

    internal IAnsiConsole Console => _console;

    /// <summary>The process's own terminal.</summary>
    public static Terminal ForProcess() => new(System.Console.Out, System.Console.Error, !System.Console.IsOutputRedirected);

    /// <summary>Writes a table or the like to stdout.</summary>
    internal void Write(IRenderable data) => _console.Write(data);

    /// <summary>Writes one JSON value and a line end to stdout.</summary>
    internal void WriteJson<T>(T value) => Out.WriteLine(JsonSerializer.Serialize(value, Json.Options));

    /// <summary>Writes problems to stderr, one per line.</summary>
    internal void WriteProblems(IEnumerable<Problem> problems)
    {
        foreach (var problem in problems)
        {
            Error.WriteLine(problem.ToString());
        }
    }
}
