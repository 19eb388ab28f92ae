using System.Reflection;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Grains.Checks;
using ClinicalGpt.Orleans.Grains.Exports;
using ClinicalGpt.Orleans.Grains.Placement;
using ClinicalGpt.Orleans.Grains.Runs;

namespace ClinicalGpt.Orleans.Grains.Tests.Placement;

public sealed class GrainClassTests
{
    /// <summary>They need no device role: bookkeeping, reading, exporting.</summary>
    private static readonly Type[] Anywhere = [typeof(RunGrain), typeof(RunHistoryGrain), typeof(RunCheckGrain), typeof(ExportGrain)];

    private static readonly Type[] Classes =
        [.. typeof(RunGrain).Assembly.GetTypes().Where(t => t is { IsAbstract: false, IsClass: true } && typeof(Grain).IsAssignableFrom(t))];

    [Fact]
    public void Classes_OfTheAssembly_AreFound() => Assert.True(Classes.Length >= 10, string.Join(", ", Classes.Select(c => c.Name)));

    [Fact]
    public void Classes_ThatComputeOnADevice_NameTheirRole()
    {
        var homeless = Classes.Except(Anywhere)
            .Where(c => c.GetCustomAttribute<RequiresRoleAttribute>() is null && c.GetCustomAttribute<NamedSiloAttribute>() is null);

        Assert.Empty(homeless);
    }

    [Fact]
    public void Classes_ThatRunAnywhere_NameNoRole() =>
        Assert.All(Anywhere, c => Assert.Null(c.GetCustomAttribute<RequiresRoleAttribute>()));

    [Fact]
    public void Roles_OfTheClasses_AreRolesASiloCanHave()
    {
        var roles = Classes
            .SelectMany(c => c.GetCustomAttributesData().Where(a => a.AttributeType == typeof(RequiresRoleAttribute)))
            .Select(a => (string)a.ConstructorArguments[0].Value!);

        Assert.Equal(DeviceOptions.AllRoles.Order(), roles.Distinct().Order());
    }

    [Fact]
    public void PersistentStates_Names_AreUnique()
    {
        var names = Classes
            .SelectMany(c => c.GetConstructors())
            .SelectMany(c => c.GetParameters())
            .Select(p => p.GetCustomAttribute<PersistentStateAttribute>())
            .OfType<PersistentStateAttribute>()
            .Select(a => $"{a.StorageName}/{a.StateName}")
            .ToArray();

        Assert.NotEmpty(names);
        Assert.Equal(names.Distinct(), names);
    }
}
