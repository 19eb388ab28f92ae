using System.Reflection;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Abstractions.Tests.Contracts;

/// <summary>What makes rolling upgrades possible: names and numbers on the wire that never depend on C# names.</summary>
public sealed class ContractTests
{
    private static readonly Assembly Abstractions = typeof(Problem).Assembly;

    // Generated types live in a namespace of their own.
    private static readonly Type[] Ours =
        [.. Abstractions.GetExportedTypes().Where(t => t.FullName!.StartsWith("ClinicalGpt.", StringComparison.Ordinal))];

    private static readonly Type[] Messages = [.. Ours.Where(t => t.IsDefined(typeof(GenerateSerializerAttribute)))];

    private static readonly Type[] Grains = [.. Ours.Where(t => t.IsInterface && typeof(IGrain).IsAssignableFrom(t))];

    [Fact]
    public void Aliases_OfMessagesAndGrains_ArePresentAndUnique()
    {
        var aliases = Messages.Concat(Grains).Select(t => (t.Name, t.GetCustomAttribute<AliasAttribute>()?.Alias)).ToList();

        Assert.NotEmpty(Grains);
        Assert.All(aliases, a => Assert.Equal($"clinicalgpt.{a.Name}", a.Alias));
        Assert.Equal(aliases.Count, aliases.DistinctBy(a => a.Alias).Count());
    }

    [Fact]
    public void Members_OfMessages_HaveUniqueIds()
    {
        foreach (var type in Messages)
        {
            var members = type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                .Where(p => p.SetMethod is not null)
                .Select(p => (p.Name, p.GetCustomAttribute<IdAttribute>()?.Id))
                .ToList();

            Assert.All(members, m => Assert.True(m.Id is not null, $"{type.Name}.{m.Name} has no [Id]."));
            Assert.True(members.Count == members.DistinctBy(m => m.Id).Count(), $"{type.Name} uses an [Id] twice.");
        }
    }

    [Fact]
    public void Messages_ButExceptions_AreSealedAndImmutable() => Assert.All(
        Messages.Where(t => t.IsClass && !t.IsAssignableTo(typeof(Exception))),
        t => Assert.True(t.IsSealed && t.IsDefined(typeof(ImmutableAttribute)), $"{t.Name} is not sealed and [Immutable]."));

    [Fact]
    public void Methods_OfGrains_HaveUniqueAliasesAndATimeout()
    {
        foreach (var grain in Grains)
        {
            var methods = grain.GetMethods();

            Assert.All(methods, m => Assert.Equal(m.Name, m.GetCustomAttribute<AliasAttribute>()?.Alias));
            Assert.All(methods, m => Assert.True(
                m.IsDefined(typeof(ResponseTimeoutAttribute)), $"{grain.Name}.{m.Name} has no [ResponseTimeout]."));
            Assert.Equal(methods.Length, methods.DistinctBy(m => m.Name).Count());
        }
    }
}
