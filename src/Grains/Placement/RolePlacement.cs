using ClinicalGpt.Orleans.Grains.Draining;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;

namespace ClinicalGpt.Orleans.Grains.Placement;

/// <summary>Keeps a grain on silos that have a role. The built-in metadata filters compare with the calling silo, which
/// says nothing about what the called grain needs.</summary>
/// <param name="role">The role, for example <c>policy</c>.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RequiresRoleAttribute(string role) : PlacementFilterAttribute(new RoleFilterStrategy(role));

/// <summary>Keeps a grain on the silo its key names after <c>@</c>, whatever the silo's roles are, and on no other.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NamedSiloAttribute() : PlacementFilterAttribute(new RoleFilterStrategy(RoleFilterStrategy.Named));

/// <summary>Keeps a grain off silos that are drained, as long as there are others.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class AvoidsDrainedAttribute() : PlacementFilterAttribute(new RoleFilterStrategy(RoleFilterStrategy.AnyRole));

/// <summary>The strategy behind <see cref="RequiresRoleAttribute"/>.</summary>
public sealed class RoleFilterStrategy : PlacementFilterStrategy
{
    /// <summary>Stands for any role.</summary>
    public const string AnyRole = "any";

    /// <summary>Stands for the silo named in the key, and no other.</summary>
    public const string Named = "named";

    private const string RoleProperty = "clinicalgpt-role";

    /// <summary>Required by the runtime, which fills the role in from the grain's properties.</summary>
    public RoleFilterStrategy()
        : this("")
    {
    }

    /// <summary>A filter for a role.</summary>
    /// <param name="role">The role.</param>
    public RoleFilterStrategy(string role)
        : base(order: 1)
    {
        Role = role;
    }

    /// <summary>The role.</summary>
    public string Role { get; private set; }

    /// <inheritdoc/>
    public override void AdditionalInitialize(GrainProperties properties) =>
        Role = GetPlacementFilterGrainProperty(RoleProperty, properties) ?? "";

    /// <inheritdoc/>
    protected override IEnumerable<KeyValuePair<string, string>> GetAdditionalGrainProperties(
        IServiceProvider services, Type grainClass, GrainType grainType, IReadOnlyDictionary<string, string> existingProperties)
    {
        yield return new(RoleProperty, Role);
    }
}

/// <summary>Filters silos by role, leaves out those that are drained, and, where the grain's key ends in <c>@silo</c>,
/// prefers that silo while it lives.</summary>
/// <param name="silos">Which silos there are and what they can do.</param>
/// <param name="drain">Which are drained.</param>
public sealed class RoleFilterDirector(SiloRoles silos, SiloDrain drain) : IPlacementFilterDirector
{
    /// <inheritdoc/>
    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> candidates)
    {
        var role = ((RoleFilterStrategy)filterStrategy).Role;
        var all = candidates.ToArray();
        var key = target.GrainIdentity.Key.ToString() ?? "";
        var name = key[(key.LastIndexOf('@') + 1)..];
        if (role == RoleFilterStrategy.Named)
        {
            return all.Where(s => silos.NameOf(s) == name);
        }

        var staying = all.Where(s => !drain.IsDrained(s)).ToArray();
        if (role == RoleFilterStrategy.AnyRole)
        {
            // A run can be asked how it stands even where only drained silos are left; it does not go on there.
            return staying.Length > 0 ? staying : all;
        }

        var able = staying.Where(s => silos.HasRole(s, role)).ToArray();
        var named = able.Where(s => silos.NameOf(s) == name).ToArray();
        return named.Length > 0 ? named : able;
    }
}

/// <summary>Silos, their names and roles, from membership and the metadata each silo publishes.</summary>
/// <param name="services">For services that need the running silo.</param>
/// <param name="drain">Which are drained.</param>
public sealed class SiloRoles(IServiceProvider services, SiloDrain drain)
{
    /// <summary>Metadata key of the roles, comma separated.</summary>
    public const string RolesKey = "clinicalgpt.roles";

    private IClusterMembershipService Membership => services.GetRequiredService<IClusterMembershipService>();

    /// <summary>Whether a silo has a role.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="role">The role.</param>
    public bool HasRole(SiloAddress silo, string role)
    {
        var metadata = services.GetRequiredService<ISiloMetadataCache>().GetSiloMetadata(silo).Metadata;
        return metadata.TryGetValue(RolesKey, out var roles) && roles.Split(',').Contains(role);
    }

    /// <summary>This silo's name.</summary>
    public string Self => services.GetRequiredService<ILocalSiloDetails>().Name;

    /// <summary>A silo's name, or an empty string for one that membership does not know.</summary>
    /// <param name="silo">The silo.</param>
    public string NameOf(SiloAddress silo) =>
        Membership.CurrentSnapshot.Members.TryGetValue(silo, out var member) ? member.Name : "";

    /// <summary>How many silos have died or left, as far as this one knows; grows only.</summary>
    public int Lost => Membership.CurrentSnapshot.Members.Values.Count(m => m.Status == SiloStatus.Dead);

    /// <summary>Names of the active silos.</summary>
    public IReadOnlyList<string> Names => [.. Active.Select(m => m.Name)];

    /// <summary>The active silos with a role that are not drained, in the ordinal order of their names.</summary>
    /// <param name="role">The role.</param>
    public IReadOnlyList<(string Name, SiloAddress Address)> WithRole(string role) =>
        [.. Active
            .Where(m => HasRole(m.SiloAddress, role) && !drain.IsDrained(m.SiloAddress))
            .Select(m => (m.Name, m.SiloAddress))
            .OrderBy(m => m.Name, StringComparer.Ordinal)];

    /// <summary>Whether a silo has died or left.</summary>
    /// <param name="silo">The silo.</param>
    public bool IsGone(SiloAddress silo) =>
        !Membership.CurrentSnapshot.Members.TryGetValue(silo, out var member) || member.Status == SiloStatus.Dead;

    private IEnumerable<ClusterMember> Active => Membership.CurrentSnapshot.Members.Values.Where(m => m.Status == SiloStatus.Active);
}
