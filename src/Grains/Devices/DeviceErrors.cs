using System.Runtime.InteropServices;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Grains.Devices;

/// <summary>An error of the native library, in a form that crosses grain boundaries.</summary>
/// <param name="message">The native library's first line.</param>
[GenerateSerializer, Alias("clinicalgpt.DeviceException")]
public sealed class DeviceException(string message) : Exception(message);

/// <summary>Turns exceptions of the native library into ours: theirs have no codec and cannot leave the silo.</summary>
internal static class DeviceErrors
{
    public static Exception Translate(Exception e) => e switch
    {
        ProblemException or OperationCanceledException or DeviceException => e,
        ExternalException => new DeviceException(e.Message.Split('\n')[0]),
        _ => new DeviceException($"{e.GetType().Name}: {e.Message.Split('\n')[0]} {e.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}"),
    };
}
