using System.Net;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Grains.Runs;
using ClinicalGpt.Orleans.Grains.Tests.Devices;

namespace ClinicalGpt.Orleans.Grains.Tests.Runs;

public sealed class ChunkTableTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Take_EveryChunk_OnceInOrder()
    {
        var table = Table(3);
        Assert.Equal([0, 1, 2], Enumerable.Range(0, 3).Select(_ => table.Take(Alive)!.Chunk));
        Assert.Null(table.Take(Alive));
    }

    [Fact]
    public void Take_ChunkGivenBack_IsDealtAgain()
    {
        var table = Table(1);
        var request = table.Take(Alive)!;
        table.GiveBack(request, Silo(1));
        Assert.Same(request, table.Take(Alive));
    }

    [Fact]
    public void Take_Straggler_IsDealtOnceMoreAndTheFirstAnswerCounts()
    {
        var table = Table(2);
        var (quick, slow) = (table.Take(Alive)!, table.Take(Alive)!);
        _time.Advance(TimeSpan.FromSeconds(1));
        table.Answer(quick, Answer(quick, "a"));
        Assert.Null(table.Take(Alive));

        _time.Advance(TimeSpan.FromSeconds(3.5));
        Assert.Same(slow, table.Take(Alive));
        Assert.Null(table.Take(Alive));
        table.Answer(slow, Answer(slow, "first"));
        table.Answer(slow, Answer(slow, "second"));

        Assert.True(table.IsComplete);
        Assert.Equal("first", table.Answers()[1].PolicyHash);
    }

    [Fact]
    public void Take_ChunkThatEndedThreeSilos_IsACrashLoopNamingIt()
    {
        var table = Table(1);
        for (var silo = 0; silo < 3; silo++)
        {
            table.GiveBack(table.Take(Gone)!, Silo(silo));
        }

        var problem = Assert.Single(Assert.Throws<ProblemException>(() => table.Take(Gone)).Problems);
        Assert.Equal(ErrorCodes.CrashLoop, problem.Code);
        Assert.Contains("iteration 7, phase generate: chunk 0", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Take_ChunkGivenBackByLivingSilos_IsDealtForEver()
    {
        var table = Table(1);
        for (var i = 0; i < 10; i++)
        {
            table.GiveBack(table.Take(Alive)!, Silo(i));
        }

        Assert.NotNull(table.Take(Alive));
    }

    private static bool Alive(SiloAddress silo) => false;

    private static bool Gone(SiloAddress silo) => true;

    private static SiloAddress Silo(int number) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1000 + number), 1);

    private ChunkTable Table(int chunks) => new([.. Enumerable.Range(0, chunks).Select(Request)], _time);

    private static SequenceBlock Rows() => SequenceBlock.From([([1, 2], [])]);

    private static RolloutRequest Request(int chunk)
    {
        var model = new ModelReference { Base = new BaseModelReference { Path = "/model", ContentHash = "base" } };
        return new RolloutRequest
        {
            RunId = "run", Epoch = 1, Iteration = 7, Chunk = chunk, Policy = model, Reference = model, Sampling = new SamplingSettings(),
            Prompts = Rows(), Seeds = [1], Threads = 1,
        };
    }

    private static Experience Answer(RolloutRequest request, string hash)
    {
        var numbers = FloatBlock.From([0]);
        return new Experience
        {
            Chunk = request.Chunk, Sequences = Rows(), PolicyLogProbs = numbers, ReferenceLogProbs = numbers, Scores = numbers,
            FinishReasons = [FinishReason.Eos], Seeds = [1], PolicyHash = hash, ReferenceHash = "", RewardHash = "", Texts = [""],
        };
    }
}
