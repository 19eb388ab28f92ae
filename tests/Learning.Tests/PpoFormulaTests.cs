using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Learning.Ppo;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Tests;

/// <summary>Vectors worked out by hand: log pi, log pi_ref, values of one response of four tokens, score 1, beta 0.05, gamma 1, lambda 0.95.</summary>
public sealed class PpoFormulaTests : IDisposable
{
    private const float Nan = float.NaN;
    private readonly IDisposable _scope = torch.NewDisposeScope();
    private readonly Tensor _policy = Row(-0.5f, -1.0f, -0.25f, -0.1f);
    private readonly Tensor _reference = Row(-0.7f, -0.9f, -0.25f, -0.4f);
    private readonly Tensor _values = Row(0.1f, 0.2f, 0.3f, 0.4f);
    private readonly Tensor _all = Mask(true, true, true, true);

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void KlPenalty_Estimators_EqualVectors()
    {
        AssertRow(KlPenalty.K1(_policy, _reference, _all), 0.2f, -0.1f, 0, 0.3f);
        AssertRow(KlPenalty.K2(_policy, _reference, _all), 0.02f, 0.005f, 0, 0.045f);
        AssertRow(KlPenalty.K3(_policy, _reference, _all), 0.018731f, 0.005171f, 0, 0.040818f);
    }

    [Fact]
    public void Shape_ScoreOnLastToken_SumsToScoreMinusKl()
    {
        var rewards = KlPenalty.Shape(KlPenalty.K1(_policy, _reference, _all), torch.tensor(new[] { 1f }), _all, 0.05);
        AssertRow(rewards, -0.01f, 0.005f, 0, 0.985f);

        var shorter = Mask(true, true, false, false);
        var padded = KlPenalty.Shape(KlPenalty.K1(Row(-0.5f, -1f, Nan, Nan), _reference, shorter), torch.tensor(new[] { 1f }), shorter, 0.05);
        AssertRow(padded, -0.01f, 1.005f, 0, 0);
    }

    [Fact]
    public void Shape_RowWithoutTokens_Throws() =>
        Assert.Throws<ArgumentException>(() => KlPenalty.Shape(_policy, torch.tensor(new[] { 1f }), Mask(false, false, false, false), 0.05));

    [Fact]
    public void Compute_LastTokenConvention_EqualsVectors()
    {
        var (advantages, returns) = GeneralizedAdvantage.Compute(Row(-0.01f, 0.005f, 0, 0.985f), _values, _all, 1, 0.95);
        AssertRow(advantages, 0.781564f, 0.727962f, 0.65575f, 0.585f);
        AssertRow(returns, 0.881564f, 0.927963f, 0.95575f, 0.985f);
    }

    [Fact]
    public void Compute_GapInMask_EqualsCompactSequence()
    {
        var (advantages, _) = GeneralizedAdvantage.Compute(Row(0, 0, Nan, 1), Row(0.1f, 0.2f, 9, 0.4f), Mask(true, true, false, true), 1, 0.95);
        AssertRow(advantages, 0.8315f, 0.77f, 0, 0.6f);
    }

    [Fact]
    public void Compute_PaddedWithNan_EqualsShortSequence()
    {
        var mask = Mask(true, true, false, false);
        var (padded, returns) = GeneralizedAdvantage.Compute(Row(0.5f, 1, Nan, Nan), Row(0.1f, 0.2f, Nan, Nan), mask, 0.9, 0.8);
        var (alone, aloneReturns) = GeneralizedAdvantage.Compute(Row(0.5f, 1), Row(0.1f, 0.2f), Mask(true, true), 0.9, 0.8);
        AssertRow(padded, [.. Floats(alone), 0, 0]);
        AssertRow(returns, [.. Floats(aloneReturns), 0, 0]);
    }

    [Fact]
    public void Compute_GammaAndLambdaOne_IsRewardToGoMinusValue()
    {
        var (advantages, returns) = GeneralizedAdvantage.Compute(Row(1, 2, 3, 4), _values, _all, 1, 1);
        AssertRow(returns, 10, 9, 7, 4);
        AssertRow(advantages, 9.9f, 8.8f, 6.7f, 3.6f);
    }

    [Fact]
    public void Whitening_BiasedAndBessel_EqualVectors()
    {
        var (advantages, _) = GeneralizedAdvantage.Compute(Row(-0.01f, 0.005f, 0, 0.985f), _values, _all, 1, 0.95);
        AssertRow(Whitening.Apply(advantages, _all, keepMean: false, bessel: false), 1.26744f, 0.544667f, -0.429054f, -1.383054f);
        AssertRow(Whitening.Apply(advantages, _all, keepMean: false, bessel: true), 1.097636f, 0.471696f, -0.371571f, -1.19776f);
        AssertRow(
            Whitening.Apply(Row(-0.01f, 0.005f, 0, 0.985f), _all, keepMean: true, bessel: false), -0.351808f, -0.316701f, -0.328403f, 1.976912f);
    }

    [Fact]
    public void Whitening_MaskedAndSingle_IgnoresPaddingAndStaysFinite()
    {
        var mask = Mask(true, true, false, false);
        var white = Whitening.Apply(Row(1, 3, Nan, 100), mask, keepMean: false, bessel: false);
        AssertRow(white, -1, 1, 0, 0);
        AssertRow(Whitening.Apply(Row(5, Nan), Mask(true, false), keepMean: false, bessel: true), 0, 0);
    }

    [Theory]
    [InlineData(1, 1.5, -1.2, 1)]
    [InlineData(-1, 0.5, 0.8, 1)]
    [InlineData(-1, 5, 5.0, 0)]
    [InlineData(1, 0.5, -0.5, 0)]
    public void PpoLoss_OneToken_EqualsVector(float advantage, double ratio, double loss, double clipped)
    {
        var result = PpoLoss.Compute(Row((float)Math.Log(ratio)), Row(0), Row(advantage), Mask(true), 0.2);
        Assert.Equal(loss, result.Loss.item<float>(), 1e-5);
        Assert.Equal(clipped, result.ClipFraction);
        Assert.Equal(ratio, result.Ratio, 1e-5);
        Assert.Equal(0.5 * Math.Pow(Math.Log(ratio), 2), result.ApproxKl, 1e-5);
    }

    [Fact]
    public void Losses_NanWhereMasked_LossAndGradientAreThoseWithoutPadding()
    {
        var mask = Mask(true, true, false, false);
        var logProbs = Row(-0.5f, -1, Nan, Nan).requires_grad_(true);
        var alone = Row(-0.5f, -1).requires_grad_(true);
        var padded = PpoLoss.Compute(logProbs, Row(-0.6f, -0.9f, Nan, Nan), Row(1, -2, Nan, Nan), mask, 0.2);
        var exact = PpoLoss.Compute(alone, Row(-0.6f, -0.9f), Row(1, -2), Mask(true, true), 0.2);
        padded.Loss.backward();
        exact.Loss.backward();
        Assert.Equal(exact.Loss.item<float>(), padded.Loss.item<float>());
        AssertRow(logProbs.grad!, [.. Floats(alone.grad!), 0, 0]);

        var values = Row(0.5f, 1, Nan, Nan).requires_grad_(true);
        var value = ValueLoss.Compute(values, Row(0.4f, 1, Nan, Nan), Row(1, 2, Nan, Nan), mask, 0.2);
        value.Loss.backward();
        AssertRow(values.grad!, -0.25f, -0.5f, 0, 0);
    }

    [Fact]
    public void ValueLoss_Clipped_EqualsVector()
    {
        Assert.Equal(0.125, ValueLoss.Compute(Row(0.9f), Row(0.5f), Row(1.2f), Mask(true), 0.2).Loss.item<float>(), 1e-6);
        Assert.Equal(0.045, ValueLoss.Compute(Row(0.9f), Row(0.5f), Row(1.2f), Mask(true), 10).Loss.item<float>(), 1e-6);
    }

    [Theory]
    [InlineData(0, 0.148464)]
    [InlineData(6, 0.15)]
    [InlineData(7, 0.15128)]
    [InlineData(12, 0.151536)]
    public void AdaptiveKlController_TargetSix_EqualsVector(double kl, double expected) =>
        Assert.Equal(expected, AdaptiveKlController.Next(0.15, new PpoOptions { TargetKlPerSequence = 6 }, kl, 512), 1e-6);

    [Fact]
    public void AdaptiveKlController_WithoutTarget_Stays() =>
        Assert.Equal(0.05, AdaptiveKlController.Next(0.05, new PpoOptions(), 99, 64));

    [Fact]
    public void ScoreShaping_NormalisesClipsAndReplacesMissingEos()
    {
        FinishReason[] reasons = [FinishReason.Eos, FinishReason.Eos, FinishReason.Length, FinishReason.Eos];
        var options = new PpoOptions { ScoreClip = 3, MissingEosScore = -2.5 };
        var scores = ScoreShaping.Apply([5, 100, 5, -100], reasons, new ScoreNormalization(1, 4), options, 7);
        Assert.Equal([1f, 3f, -2.5f, -3f], scores);
    }

    [Fact]
    public void ScoreShaping_Shuffled_SameScoresOtherOwners()
    {
        var raw = Enumerable.Range(0, 32).Select(i => i / 16f).ToArray();
        var reasons = new FinishReason[32];
        var shuffled = ScoreShaping.Apply(raw, reasons, new ScoreNormalization(0, 1), new PpoOptions { ShuffleScores = true }, 7);
        Assert.NotEqual(raw, shuffled);
        Assert.Equal(raw, shuffled.Order());
    }

    [Fact]
    public void ExplainedVariance_PerfectAndConstant_OneAndZero()
    {
        Assert.Equal(1, ExplainedVariance.Compute(_values, _values, _all), 1e-9);
        Assert.Equal(0, ExplainedVariance.Compute(torch.zeros(1, 4), _values, _all), 1e-6);
    }

    private static Tensor Row(params float[] values) => torch.tensor(values, [1, values.Length]);

    private static Tensor Mask(params bool[] values) => torch.tensor(values, [1, values.Length]);

    private static float[] Floats(Tensor tensor) => tensor.data<float>().ToArray();

    private static void AssertRow(Tensor actual, params float[] expected) => Fixtures.AssertClose(expected, Floats(actual), 2e-6);
}
