using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Learning.Optim;
using TorchSharp;

namespace ClinicalGpt.Orleans.Learning.Tests;

public sealed class OptimTests
{
    [Fact]
    public void AdamW_TenClippedSteps_EqualPyTorch()
    {
        var golden = Fixtures.Read("adamw.safetensors");
        var options = new OptimizerOptions { LearningRate = 0.003, Epsilon = 1e-5, WeightDecay = 0.1, Beta1 = 0.9, Beta2 = 0.95 };
        using var scope = torch.NewDisposeScope();
        var parameter = golden["p0"].FloatTensor().requires_grad_(true);
        using var optimizer = new AdamW([KeyValuePair.Create("p", parameter)], options);
        for (var step = 0; step < 10; step++)
        {
            parameter.grad = golden[$"g{step}"].FloatTensor();
            optimizer.ClipGradients(2.0);
            optimizer.Step(options.LearningRate);
            Fixtures.AssertClose(golden[$"p{step + 1}"].Floats(), parameter.data<float>().ToArray(), 1e-6);
        }

        Assert.Equal(10, optimizer.StepCount);
    }

    [Theory]
    [InlineData("linear", "linear", 0.125)]
    [InlineData("cosine", "cosine", 0.125)]
    [InlineData("constant", "constant", 0.0)]
    [InlineData("constant_with_warmup", "constant", 0.125)]
    public void At_EveryStep_EqualsTransformers(string golden, string schedule, double warmup)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Fixtures.PathOf("schedules.json")));
        var options = new OptimizerOptions { LearningRate = json.RootElement.GetProperty("lr").GetDouble(), Schedule = schedule, WarmupRatio = warmup };
        var step = 0;
        foreach (var expected in json.RootElement.GetProperty("values").GetProperty(golden).EnumerateArray())
        {
            Assert.Equal(expected.GetDouble(), LearningRateSchedule.At(options, step++, 40), 1e-9);
        }
    }

    [Theory]
    [InlineData("linear", 39, 0.1)]
    [InlineData("linear", 20, 0.5)]
    [InlineData("cosine", 40, 0.1)]
    [InlineData("cosine", 20, 0.55)]
    public void At_WithFloor_StopsThere(string schedule, long step, double factor)
    {
        var options = new OptimizerOptions { LearningRate = 2, Schedule = schedule, WarmupRatio = 0, FinalRatio = 0.1 };
        Assert.Equal(2 * factor, LearningRateSchedule.At(options, step, 40), 1e-12);
    }
}
