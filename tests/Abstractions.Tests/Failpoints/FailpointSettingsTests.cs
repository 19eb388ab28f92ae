using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Failpoints;

namespace ClinicalGpt.Orleans.Abstractions.Tests.Failpoints;

public sealed class FailpointSettingsTests
{
    private static readonly string Token = Path.Combine(Path.GetTempPath(), "token");

    [Fact]
    public void Read_NothingSet_IsOff() => Assert.Null(Read(null, null));

    [Fact]
    public void Read_NameDetailActionTimes_AreTaken() =>
        Assert.Equal(
            new FailpointSettings(FailpointNames.Device, "ppo learn 2", FailpointAction.Abort, 3, Token),
            Read("device@ppo learn 2=abort*3", Token));

    [Fact]
    public void Read_NameAndAction_FireOnceAnywhere() =>
        Assert.Equal(new FailpointSettings(FailpointNames.Commit, "", FailpointAction.Halt, 1, Token), Read("commit=halt", Token));

    [Theory]
    [InlineData("nowhere=halt")]
    [InlineData("commit=explode")]
    [InlineData("commit")]
    [InlineData("commit=halt*0")]
    [InlineData("")]
    public void Read_Unreadable_IsRefusedWithWhatIsAllowed(string text)
    {
        var problem = Assert.Single(Assert.Throws<ProblemException>(() => Read(text, Token)).Problems);
        Assert.Equal(ErrorCodes.SettingInvalid, problem.Code);
        Assert.Contains("halt, wait, abort", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WithoutToken_IsRefused() => Assert.Throws<ProblemException>(() => Read("commit=halt", null));

    [Fact]
    public void Read_TokenInAFolderThatIsNotThere_IsRefused() =>
        Assert.Throws<ProblemException>(() => Read("commit=halt", "/no/such/folder/token"));

    [Fact]
    public void Read_SiloOthersCanReach_IsRefused() =>
        Assert.Contains(
            "other machines",
            Assert.Throws<ProblemException>(() => Read("commit=halt", Token, loopbackOnly: false)).Problems[0].Message,
            StringComparison.Ordinal);

    private static FailpointSettings? Read(string? text, string? token, bool loopbackOnly = true) =>
        FailpointSettings.Read(name => name == FailpointSettings.Variable ? text : token, loopbackOnly);
}
