using System.Reflection;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Silo.Hosting;

namespace ClinicalGpt.Orleans.Silo.Tests.Hosting;

public sealed class ExitCodesTests
{
    [Theory]
    [InlineData(ErrorCodes.DataFileMissing, 2)]
    [InlineData(ErrorCodes.RecipeValueRange, 2)]
    [InlineData(ErrorCodes.SettingInvalid, 2)]
    [InlineData(ErrorCodes.ModelMissing, 1)]
    [InlineData(ErrorCodes.DatabaseUnreachable, 3)]
    [InlineData(ErrorCodes.DatabaseNotInstalled, 3)]
    [InlineData(ErrorCodes.DatabaseUnwritable, 3)]
    [InlineData(ErrorCodes.SchemaTooNew, 3)]
    [InlineData(ErrorCodes.BlobDamaged, 1)]
    [InlineData(ErrorCodes.ModelChanged, 1)]
    [InlineData(ErrorCodes.RecipeTooNew, 2)]
    [InlineData(ErrorCodes.ClusterUnreachable, 3)]
    [InlineData(ErrorCodes.PortInUse, 3)]
    [InlineData(ErrorCodes.RunUnknown, 4)]
    [InlineData(ErrorCodes.RunIdTaken, 4)]
    [InlineData(ErrorCodes.RunStateConflict, 4)]
    [InlineData(ErrorCodes.WriteFailed, 1)]
    public void For_Code_IsDocumentedExitCode(string code, int expected) => Assert.Equal(expected, ExitCodes.For(code));

    [Fact]
    public void For_EveryCode_IsAFailure()
    {
        var codes = typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!);

        Assert.All(codes, c => Assert.InRange(ExitCodes.For(c), 1, 4));
    }
}
