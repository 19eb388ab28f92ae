using System.Globalization;

namespace ClinicalGpt.Orleans.Cli.Demo;

/// <summary>Log lines to a file, for a silo that lives in a process whose terminal shows something else.</summary>
internal sealed class FileLog : ILoggerProvider
{
    private readonly StreamWriter _file;
    private readonly Lock _gate = new();

    public FileLog(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _file = new StreamWriter(path, append: false) { AutoFlush = true };
    }

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
        lock (_gate)
        {
            _file.Dispose();
        }
    }

    private void Write(string line)
    {
        lock (_gate)
        {
            // Threads of the stopping silo may still log after the file is closed.
            if (_file.BaseStream is { CanWrite: true })
            {
                _file.WriteLine(line);
            }
        }
    }

    private sealed class Category(FileLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {logLevel} {name}[{eventId.Id}] {formatter(state, exception)}{(exception is null ? "" : $" {exception}")}"));
    }
}
