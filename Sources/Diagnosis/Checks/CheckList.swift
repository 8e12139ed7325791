/// Every check, by the layer it looks at. A check is one file and its line here.
public enum CheckList {
    public static let all: [any Check] = cluster + machines + services + addresses
}
