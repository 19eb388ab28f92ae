namespace ClinicalGpt.Orleans.Silo.Hosting;

/// <summary>One line per message, and of Orleans only what a person would act on. <c>Logging:LogLevel</c> overrides.</summary>
internal static class SiloLogging
{
    // Categories that repeat themselves, or report at Warning and Error what is part of every start, stop or crash of another silo.
    private static readonly (string Category, LogLevel Level)[] Noisy =
    [
        ("Orleans", LogLevel.Warning),
        ("Microsoft.Orleans", LogLevel.Warning),
        ("Orleans.Runtime.GrainDirectory", LogLevel.Error),
        ("Orleans.Runtime.ReminderService", LogLevel.Error),
        // Said at every start or stop, whatever happens: advice on ServerGC and reminder periods, stage timings.
        ("Orleans.Runtime.Silo", LogLevel.Error),
        ("Orleans.Runtime.SiloLifecycleSubject", LogLevel.Error),
        ("Orleans.Runtime.Watchdog", LogLevel.Error),
        ("Orleans.Hosting.ReminderOptionsValidator", LogLevel.Error),
        ("Polly", LogLevel.Warning),
        ("Microsoft.AspNetCore", LogLevel.Warning),
        ("Microsoft.Hosting.Lifetime", LogLevel.Warning),
        // The host logs a failed start with its stack trace; the program prints the problem instead.
        ("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None),
        ("Npgsql", LogLevel.Warning),
    ];

    public static void Configure(ILoggingBuilder logging, IConfiguration configuration)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(o =>
        {
            o.SingleLine = true;
            o.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            o.UseUtcTimestamp = true;
        });
        foreach (var (category, level) in Noisy)
        {
            if (configuration[$"Logging:LogLevel:{category}"] is null)
            {
                logging.AddFilter(category, level);
            }
        }
    }
}
