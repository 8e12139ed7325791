/// This release of Poplin, as every program of it reports.
public enum Release {
    public static let version = "0.1.0"
}
