using System.Diagnostics;
using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Cli.Home;

namespace ClinicalGpt.Orleans.Cli.Tests;

[Collection(HomeCollection.Name)]
public sealed class CommandLineTests(HomeFixture home)
{
    private const string NobodyListens = "Host=127.0.0.1;Port=1;Database=x;Username=y;Password=hunter2";

    [Theory]
    [InlineData("", "demo,up,down,run,cluster,recipe,migrate")]
    [InlineData("run", "submit,list,describe,watch,samples,pause,resume,stop,export")]
    [InlineData("cluster", "status")]
    [InlineData("recipe", "validate")]
    public async Task Help_OfGroup_NamesEveryCommandButSilo(string group, string commands)
    {
        var (code, output, _) = await CliRunner.RunAsync([.. Words(group), "--help"]);

        Assert.Equal(0, code);
        Assert.All(commands.Split(','), c => Assert.Matches($@"(?m)^  {c}\b", output));
        Assert.DoesNotMatch(@"(?m)^  silo\b", output);
    }

    [Theory]
    [InlineData("demo")]
    [InlineData("up")]
    [InlineData("down")]
    [InlineData("migrate")]
    [InlineData("run submit")]
    [InlineData("run list")]
    [InlineData("run describe")]
    [InlineData("run watch")]
    [InlineData("run samples")]
    [InlineData("run pause")]
    [InlineData("run resume")]
    [InlineData("run stop")]
    [InlineData("run export")]
    [InlineData("cluster status")]
    [InlineData("cluster drain")]
    [InlineData("recipe validate")]
    public async Task Help_OfCommand_HasExamplesOfIt(string command)
    {
        var (code, output, _) = await CliRunner.RunAsync([.. Words(command), "--help"]);

        Assert.Equal(0, code);
        Assert.Contains($"Examples:{Environment.NewLine}  clinicalgpt {command}", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("run")]
    [InlineData("run sumbit x.yaml")]
    [InlineData("run submit")]
    [InlineData("run list --limit 0")]
    [InlineData("run list -o xml")]
    [InlineData("run export id --format onnx --out x")]
    [InlineData("up --silos 0")]
    [InlineData("up --roles cook")]
    public async Task Run_WrongUsage_ExitsWith2(string line)
    {
        var (code, _, _) = await CliRunner.RunAsync(Words(line));

        Assert.Equal(2, code);
    }

    [Fact]
    public async Task RecipeValidate_FiveMistakes_FiveLinesAndExitCode2()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Fixtures", "five-mistakes.yaml");

        var (code, output, errors) = await CliRunner.RunAsync("recipe", "validate", path);

        Assert.Equal(2, code);
        Assert.Equal("", output);
        Assert.Equal(5, errors.Length);
        Assert.All(errors, line => Assert.Matches(@"five-mistakes\.yaml:\d+: [A-Za-z.]+: CGPT2\d\d\d: ", line));
    }

    [Fact]
    public async Task RunSubmit_WrongRecipeAndNoCluster_ReportsTheRecipe()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Fixtures", "five-mistakes.yaml");

        var (code, _, errors) = await CliRunner.RunAsync("run", "submit", path);

        Assert.Equal(2, code);
        Assert.Equal(5, errors.Length);
    }

    [Theory]
    [InlineData("run list")]
    [InlineData("run describe x")]
    [InlineData("cluster status")]
    [InlineData("cluster drain silo-1")]
    [InlineData("migrate")]
    [InlineData("up")]
    public async Task Run_DatabaseUnreachable_OneLineAndExitCode3WithinSeconds(string command)
    {
        var since = Stopwatch.StartNew();

        var (code, output, errors) = await CliRunner.RunAsync([.. Words(command), "--connection", NobodyListens]);

        Assert.Equal(3, code);
        Assert.Equal("", output);
        var line = Assert.Single(errors);
        Assert.StartsWith(ErrorCodes.DatabaseUnreachable, line, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", line, StringComparison.Ordinal);
        Assert.True(since.Elapsed < TimeSpan.FromSeconds(8), $"took {since.Elapsed}");
    }

    [Fact]
    public async Task Run_NoClusterKnown_SaysHowToStartOne()
    {
        var (code, _, errors) = await CliRunner.RunAsync("run", "list");

        Assert.Equal(3, code);
        Assert.Contains("clinicalgpt up", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Down_NothingRuns_IsNoError()
    {
        var (code, _, errors) = await CliRunner.RunAsync("down");

        Assert.Equal(0, code);
        Assert.Equal("nothing is running", Assert.Single(errors));
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void ClusterFile_Saved_OnlyItsOwnerReadsIt()
    {
        var file = new ClusterFile
        {
            ClusterId = "c",
            ServiceId = "s",
            ConnectionString = "Host=h;Password=hunter2",
            StartedAt = DateTimeOffset.UnixEpoch,
            Silos = [new LocalSilo("silo-1", 1, 2, 3, 4, 5, ["policy"], "log")],
        };
        var place = new ClinicalGptHome(Path.Combine(home.Folder, "mode"));

        file.Save(place);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(place.ClusterFile));
        Assert.Equal(JsonSerializer.Serialize(file), JsonSerializer.Serialize(ClusterFile.Load(place)));
        Assert.False(ClusterFile.Load(place)!.Silos[0].IsAlive());
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
