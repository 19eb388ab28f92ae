using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Connections;

/// <summary>What may be said of a connection string in a message: never the password.</summary>
internal sealed record DatabaseAddress(string Host, int Port, string Database, string User)
{
    public static DatabaseAddress From(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var user = settings.Username ?? Environment.UserName;
        return new DatabaseAddress(settings.Host ?? "localhost", settings.Port, settings.Database ?? user, user);
    }

    public override string ToString() => $"{Host}:{Port}, database '{Database}',";
}
