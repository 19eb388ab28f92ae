using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Storage.Audit;
using ClinicalGpt.Orleans.Storage.Blobs;
using ClinicalGpt.Orleans.Storage.Commits;
using ClinicalGpt.Orleans.Storage.Connections;
using ClinicalGpt.Orleans.Storage.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage;

/// <summary>Registers the storage ports on PostgreSQL.</summary>
public static class StorageServices
{
    /// <summary>Most connections of one process, unless the connection string says otherwise.</summary>
    private const int MaxPoolSize = 20;

    /// <summary>Registers one shared <see cref="NpgsqlDataSource"/>, the <see cref="Migrator"/>, the retry policy and the
    /// ports. Configure <see cref="DatabaseRetryOptions"/> by registering an instance before.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="connectionString">Npgsql connection string.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ProblemException">CGPT2007: not a connection string.</exception>
    public static IServiceCollection AddClinicalGptStorage(this IServiceCollection services, string connectionString)
    {
        var settings = Parse(connectionString);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new DatabaseRetryOptions());
        services.TryAddSingleton(provider => new NpgsqlDataSourceBuilder(settings)
            .UseLoggerFactory(provider.GetService<ILoggerFactory>())
            .Build());
        services.TryAddSingleton(provider => new DatabaseRetry(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<DatabaseRetryOptions>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILogger<DatabaseRetry>>()));
        services.TryAddSingleton(provider => new Migrator(
            provider.GetRequiredService<NpgsqlDataSource>(), provider.GetRequiredService<DatabaseRetry>()));
        services.TryAddSingleton<IStorageHealth>(provider => provider.GetRequiredService<DatabaseRetry>());
        services.TryAddSingleton<IBlobStore, BlobStore>();
        services.TryAddSingleton<IRunStore, RunStore>();
        services.TryAddSingleton<IAuditLog, AuditLog>();
        return services;
    }

    private static string Parse(string connectionString)
    {
        try
        {
            var given = new System.Data.Common.DbConnectionStringBuilder { ConnectionString = connectionString };
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            settings.ApplicationName ??= "clinicalgpt";
            if (!given.ContainsKey("Maximum Pool Size") && !given.ContainsKey("MaxPoolSize"))
            {
                settings.MaxPoolSize = MaxPoolSize;
            }

            return settings.ConnectionString;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            // The exception's text may hold the password.
            throw new ProblemException(
                ErrorCodes.SettingInvalid,
                "the connection string cannot be understood. It must look like "
                + "'Host=localhost;Port=5432;Database=clinicalgpt;Username=clinicalgpt;Password=...'.",
                key: "ConnectionString");
        }
    }
}
